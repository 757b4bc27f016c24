import type { ErrorCode, Role } from "../../../../src/protocol/index.ts";
import { AUDIENCE, accessClaims, forgedToken, ISSUER, JWKS_URL, rsaKey, seconds, secretToken } from "../provider.ts";

// The columns of the matrix: all that somebody may come with.

const provider = rsaKey("rsa-1");
const stranger = rsaKey("rsa-1");

/** The deployment that they come to; its objects have the same (vitest.config.ts). */
export const SETTINGS = { AUTH_JWKS_URL: JWKS_URL, AUTH_ISSUER: ISSUER, AUTH_AUDIENCE: AUDIENCE };
/** What the provider publishes. */
export const KEY_SET = { keys: [provider.jwk] };
/** Whose all of these tokens are. */
export const USER = "auth0|5f7c8ec7c33c6c004bbafe82";

/** The claims of somebody who may do everything in the document, but for what is changed. */
const claims = (id: string, changes: object = {}) =>
  accessClaims({ sub: USER, documents: [{ id, role: "admin" }], ...changes });
const of = (role: Role) => ({
  role,
  token: (id: string) => provider.sign(claims(id, { documents: [{ id, role }] })),
});

interface Credential {
  /** Null: it comes without. */
  token(id: string): string | null;
  /** What every way refuses it with; or what it may do. */
  readonly code?: ErrorCode;
  readonly role?: Role;
}

export const CREDENTIALS = {
  nothing: { code: "unauthorised", token: () => null },
  expired: {
    code: "unauthorised",
    token: (id) => provider.sign(claims(id, { iat: seconds() - 7_200, exp: seconds() - 3_600 })),
  },
  "not yet valid": { code: "unauthorised", token: (id) => provider.sign(claims(id, { nbf: seconds() + 600 })) },
  "wrong key": { code: "unauthorised", token: (id) => stranger.sign(claims(id)) },
  "wrong algorithm": { code: "unauthorised", token: (id) => provider.sign(claims(id), { alg: "RS512" }) },
  "a public key for a secret": {
    code: "unauthorised",
    token: (id) => forgedToken(claims(id), JSON.stringify(provider.jwk), { kid: "rsa-1" }),
  },
  "alg none": { code: "unauthorised", token: (id) => secretToken(claims(id), "", "none") },
  "other audience": {
    code: "unauthorised",
    token: (id) => provider.sign(claims(id, { aud: ["https://other.example/api", `${ISSUER}userinfo`] })),
  },
  "other document": {
    code: "forbidden",
    token: (id) => provider.sign(claims(`${id}-other`, { documents: [{ id: `${id}-other*`, role: "admin" }] })),
  },
  read: of("read"),
  write: of("write"),
  admin: of("admin"),
  /** Issued before its user was revoked in the document. */
  revoked: { code: "forbidden", token: (id) => provider.sign(claims(id)) },
} as const satisfies Record<string, Credential>;

export type CredentialName = keyof typeof CREDENTIALS;

export const credentials: readonly (readonly [CredentialName, Credential])[] = names().map((name) => [
  name,
  CREDENTIALS[name],
]);

function names(): CredentialName[] {
  return Object.keys(CREDENTIALS).filter((name): name is CredentialName => Object.hasOwn(CREDENTIALS, name));
}

/** Of the same user, with a role that no revocation from before a moment ago touches. */
export function laterToken(id: string, role: Role): string {
  return provider.sign(claims(id, { iat: seconds() + 5, documents: [{ id, role }] }));
}
