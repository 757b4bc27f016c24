import { failure, LIMITS, type Result, type Role, success } from "../protocol/index.ts";
import { isRole } from "./identity.ts";

/** Who may come in, as the variables of a deployment say it. */
export interface Settings {
  /** What HS256 tokens may be signed with: the secret of now, and the one before it while that is being rotated. */
  readonly secrets: readonly string[];
  /** Where the public keys are that others may be signed with. */
  readonly jwksUrl: string | null;
  /** What `iss` has to be; undefined: anything. */
  readonly issuer: string | undefined;
  /** One of which `aud` has to name; undefined: nobody looks. */
  readonly audience: readonly string[] | undefined;
  /** Seconds by which the clock of who made a token may differ. */
  readonly tolerance: number;
  /** What may be done without a token; null: nothing. */
  readonly anonymous: Role | null;
  /** The origins whose pages may come in beside the deployment's own. */
  readonly origins: readonly string[];
}

/** Decodes them; `unavailable`, with the variable at fault. Its value is not told: it may be a secret. */
export function readSettings(env: object): Result<Settings> {
  const texts = new Map<string, string>();
  for (const name of VARIABLES) {
    const value: unknown = Reflect.get(env, name) ?? "";
    if (typeof value !== "string") return misconfigured(`${name} has to be a text`);
    texts.set(name, value.trim());
  }
  const textOf = (name: Variable) => texts.get(name) ?? "";

  const secrets = [textOf("AUTH_SECRET"), textOf("AUTH_SECRET_OLD")].filter((secret) => secret !== "");
  if (secrets.some((secret) => secret.length < LIMITS.shortestSecret)) {
    return misconfigured(`AUTH_SECRET and AUTH_SECRET_OLD have to have ${LIMITS.shortestSecret} characters at least`);
  }
  const jwksUrl = textOf("AUTH_JWKS_URL") || null;
  if (jwksUrl !== null && !/^https:\/\/|^http:\/\/(localhost|127\.0\.0\.1)[:/]/.test(jwksUrl)) {
    return misconfigured("AUTH_JWKS_URL has to begin with https://");
  }
  const audience = listOf(textOf("AUTH_AUDIENCE"));
  // A provider signs tokens for others with the same keys: without a look at `aud` they would all be let in.
  if (jwksUrl !== null && audience.length === 0) return misconfigured("AUTH_JWKS_URL needs AUTH_AUDIENCE");
  const tolerance = Number(textOf("AUTH_CLOCK_TOLERANCE") || DEFAULT_TOLERANCE);
  if (!(Number.isInteger(tolerance) && tolerance >= 0 && tolerance <= MOST_TOLERANCE)) {
    return misconfigured(`AUTH_CLOCK_TOLERANCE has to be whole seconds, at most ${MOST_TOLERANCE}`);
  }
  const anonymous = textOf("ALLOW_ANONYMOUS") || null;
  if (anonymous !== null && !isRole(anonymous)) return misconfigured("ALLOW_ANONYMOUS has to be read, write or admin");
  const issuer = textOf("AUTH_ISSUER") || undefined;
  const origins = listOf(textOf("ALLOWED_ORIGINS"));
  if (!origins.every((each) => ORIGIN.test(each))) {
    return misconfigured("ALLOWED_ORIGINS has to name origins, as in https://app.example, or be *");
  }
  return success({
    secrets,
    jwksUrl,
    issuer,
    audience: audience.length > 0 ? audience : undefined,
    tolerance,
    anonymous,
    origins,
  });
}

/** Whether anybody can come in at all. */
export function isClosed({ secrets, jwksUrl, anonymous }: Settings): boolean {
  return secrets.length === 0 && jwksUrl === null && anonymous === null;
}

/** What settings are read from. */
export const VARIABLES = [
  "AUTH_SECRET",
  "AUTH_SECRET_OLD",
  "AUTH_JWKS_URL",
  "AUTH_ISSUER",
  "AUTH_AUDIENCE",
  "AUTH_CLOCK_TOLERANCE",
  "ALLOW_ANONYMOUS",
  "ALLOWED_ORIGINS",
] as const;
type Variable = (typeof VARIABLES)[number];

/** Seconds. */
const DEFAULT_TOLERANCE = 30;
const MOST_TOLERANCE = LIMITS.clockTolerance / 1_000;

/** As a browser writes it; any port may stand for `*`. */
const ORIGIN = /^(\*|https?:\/\/([^/:*[\]]+|\[[0-9a-f:]+\])(:(\d+|\*))?)$/;

const listOf = (text: string) => text.split(/[\s,]+/).filter((each) => each !== "");

const misconfigured = (message: string) => failure("unavailable", `this deployment is misconfigured: ${message}`);
