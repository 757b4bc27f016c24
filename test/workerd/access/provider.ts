import { createHmac, generateKeyPairSync, type KeyPair, sign } from "node:crypto";
import jwt from "jsonwebtoken";

// An identity provider: its tokens are of the shape that Auth0, Okta and Keycloak give out, made by libraries that are not the one
// that verifies them.

export const ISSUER = "https://login.example/";
export const AUDIENCE = "https://grove.example/api";
export const JWKS_URL = "https://login.example/.well-known/jwks.json";
export const SECRET = "a secret of forty characters, or of more";

export const seconds = () => Math.floor(Date.now() / 1000);

/** The claims of an access token; whatever is given takes their place, and undefined leaves one out. */
export function accessClaims(changes: object = {}): object {
  const claims = {
    iss: ISSUER,
    sub: "auth0|5f7c8ec7c33c6c004bbafe82",
    aud: [AUDIENCE, `${ISSUER}userinfo`],
    iat: seconds() - 10,
    exp: seconds() + 3_600,
    azp: "my_client_id",
    scope: "openid profile",
    name: "Ève 🌳",
    documents: [{ id: "plan", role: "write" }],
    ...changes,
  };
  return JSON.parse(JSON.stringify(claims));
}

/** A key of the provider: what it signs with, and what it publishes. */
export interface ProviderKey {
  readonly jwk: Readonly<Record<string, unknown>>;
  sign(claims: object, header?: { readonly kid?: string | undefined; readonly alg?: string }): string;
}

export function rsaKey(kid: string, modulusLength = 2_048): ProviderKey {
  return signing(generateKeyPairSync("rsa", { modulusLength }), kid, "RS256");
}
export function ecKey(kid: string): ProviderKey {
  return signing(generateKeyPairSync("ec", { namedCurve: "P-256" }), kid, "ES256");
}

function signing({ publicKey, privateKey }: KeyPair, kid: string, algorithm: string): ProviderKey {
  return {
    jwk: { ...publicKey.export({ format: "jwk" }), kid, alg: algorithm, use: "sig" },
    sign: (claims, header = {}) => {
      const keyid = "kid" in header ? header.kid : kid;
      return jwt.sign(claims, privateKey, {
        algorithm: header.alg ?? algorithm,
        ...(keyid !== undefined && { keyid }),
      });
    },
  };
}

/** `named` is what the published key says its algorithm is; tokens say EdDSA unless told otherwise. */
export function edKey(kid: string, named: "EdDSA" | "Ed25519"): ProviderKey {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return {
    jwk: { ...publicKey.export({ format: "jwk" }), kid, alg: named, use: "sig" },
    // jsonwebtoken does not know it.
    sign(claims, header = {}) {
      const text = `${part({ alg: "EdDSA", typ: "JWT", kid, ...header })}.${part(claims)}`;
      return `${text}.${sign(null, new TextEncoder().encode(text), privateKey).toString("base64url")}`;
    },
  };
}

/** A token by a shared secret. */
export function secretToken(claims: object, secret = SECRET, algorithm = "HS256"): string {
  return jwt.sign(claims, algorithm === "none" ? null : secret, { algorithm });
}

/** One whose header says HS256, with anything at all for a secret, as who forges would make it. */
export function forgedToken(claims: object, secret: string, header: object = {}): string {
  const text = `${part({ alg: "HS256", typ: "JWT", ...header })}.${part(claims)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

function part(value: object): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
