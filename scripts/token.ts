import { createHmac } from "node:crypto";
import { existsSync } from "node:fs";
import { loadEnvFile } from "node:process";
import { parseArgs } from "node:util";
import { GRANT_ID, isGrantId } from "../src/access/claims.ts";
import { isRole } from "../src/access/identity.ts";
import { LIMITS } from "../src/protocol/index.ts";

const USAGE = `npm run token -- --sub USER --document ID [--role read|write|admin] [--name NAME] [--hours N]

Prints a token to try a deployment with, signed with AUTH_SECRET, which it takes from the environment, else from .dev.vars.
--document may be given more than once: an id, or the beginning of some and *, as in 'team-a:*'; all with the one role. Default: write, 1 hour.
AUTH_ISSUER and AUTH_AUDIENCE go into the token where they are set.`;

/** What a token is to say. */
export interface TokenRequest {
  readonly sub: string;
  readonly name?: string | undefined;
  readonly documents: readonly string[];
  readonly role: string;
  readonly hours: number;
}

/** Makes a token for HS256; throws with what is wrong with the request. */
export function makeToken(request: TokenRequest, env: NodeJS.ProcessEnv, now = Date.now()): string {
  const { sub, name, documents, role, hours } = request;
  const { AUTH_SECRET: secret = "", AUTH_ISSUER: iss, AUTH_AUDIENCE: aud } = env;
  if (secret.trim().length < LIMITS.shortestSecret)
    throw new Error(
      `AUTH_SECRET has to have ${LIMITS.shortestSecret} characters at least: in the environment or .dev.vars`,
    );
  if (!isRole(role)) throw new Error("--role is read, write or admin");
  if (!(hours > 0)) throw new Error("--hours is a number above 0");
  for (const id of documents) {
    if (!isGrantId(id)) throw new Error(`--document ${id}: is ${GRANT_ID}; quote the *`);
  }
  const iat = Math.floor(now / 1000);
  const claims = {
    ...(iss && { iss }),
    ...(aud && { aud: aud.split(/[\s,]+/)[0] }),
    ...{ sub, name, iat, exp: iat + Math.round(hours * 3_600) },
    documents: documents.map((id) => ({ id, role })),
  };
  const text = [{ alg: "HS256", typ: "JWT" }, claims].map((part) => encode(JSON.stringify(part))).join(".");
  return `${text}.${createHmac("sha256", secret.trim()).update(text).digest("base64url")}`;
}

const encode = (text: string) => Buffer.from(text).toString("base64url");

if (import.meta.main) {
  try {
    if (existsSync(".dev.vars")) loadEnvFile(".dev.vars");
    const text = { type: "string" } as const;
    const { values } = parseArgs({
      options: {
        sub: text,
        name: text,
        document: { type: "string", multiple: true },
        role: { type: "string", multiple: true },
        hours: { type: "string", default: "1" },
        help: { type: "boolean" },
      },
    });
    const { sub, document: documents, name, hours } = values;
    const [role = "write", another] = values.role ?? [];
    if (another !== undefined) throw new Error("one --role for all documents: make another token for another");
    if (values.help) console.log(USAGE);
    else if (sub === undefined || documents === undefined) throw new Error(USAGE);
    else console.log(makeToken({ sub, name, documents, role, hours: Number(hours) }, process.env));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
}
