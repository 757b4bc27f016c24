import { createHmac } from "node:crypto";
import type { Role } from "../../src/protocol/index.ts";
import type { Random } from "../e2e/random.ts";

// Tokens that open something, and tokens that must not.

export const SECRET = "the fuzzed deployment's secret, which nobody may ever read anywhere";
export const SETTINGS = {
  AUTH_SECRET: SECRET,
  AUTH_AUDIENCE: "https://grove.example/api",
  AUTH_ISSUER: "https://login.example/",
};

const seconds = () => Math.floor(Date.now() / 1_000);

export function tokenOf(user: string, document: string, role: Role): string {
  return sign(claimsOf(user, document, role));
}

/** One that nobody lets in, whatever it says. */
export function badToken(random: Random, document: string): string {
  const claims = claimsOf("mallory", document, "admin");
  const whole = sign(claims);
  const cut = random.below(whole.length);
  return random.pick<() => string>([
    () => sign({ ...claims, exp: seconds() - 3_600 }),
    () => sign({ ...claims, nbf: seconds() + 3_600 }),
    () => sign({ ...claims, aud: "https://other.example" }),
    () => sign({ ...claims, iss: "https://evil.example/" }),
    () => sign({ ...claims, documents: [{ id: `${document}-other`, role: "admin" }] }),
    () => sign({ ...claims, documents: [{ id: "*", role: "owner" }] }),
    () => sign({ ...claims, sub: "x".repeat(129) }),
    () => sign(claims, { secret: "a secret that somebody has guessed, and is not right" }),
    () => sign(claims, { secret: "" }),
    () => sign(claims, { header: { alg: "none" } }),
    () => `${encode({ alg: "none" })}.${encode(claims)}.`,
    () => sign(claims, { header: { alg: "HS256", crit: ["b64"], b64: false } }),
    () => sign(claims, { header: { alg: "RS256", jku: "https://evil.example/keys", kid: "../../etc/passwd" } }),
    () => whole.slice(0, cut),
    () => `${whole.slice(0, cut)}A${whole.slice(cut + 2)}`,
    () => "",
    () => "..",
    () => "x".repeat(9_000),
  ])();
}

function claimsOf(user: string, document: string, role: Role): object {
  return {
    iss: SETTINGS.AUTH_ISSUER,
    aud: [SETTINGS.AUTH_AUDIENCE],
    sub: user,
    iat: seconds() - 10,
    exp: seconds() + 7_200,
    documents: [{ id: document, role }],
  };
}

function sign(claims: object, { secret = SECRET, header = { alg: "HS256", typ: "JWT" } as object } = {}): string {
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
