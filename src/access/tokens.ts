import { type CryptoKey, decodeProtectedHeader, errors, jwtVerify } from "jose";
import { failure, LIMITS, type Result, success } from "../protocol/index.ts";
import { type Claims, decodeClaims } from "./claims.ts";
import { type KeySet, PUBLIC_ALGORITHMS } from "./key-set.ts";
import type { Settings } from "./settings.ts";

/**
 * Verifies tokens: JSON Web Tokens, signed. `unauthorised` with the reason; `unavailable` where the keys cannot be fetched. A
 * reason never repeats what stands in the token.
 */
export type Verify = (token: string) => Promise<Result<Claims>>;

type Key = CryptoKey | Uint8Array;

/** The keys of these settings, and how they are used. */
export function createVerify(
  settings: Pick<Settings, "secrets" | "jwksUrl" | "issuer" | "audience" | "tolerance">,
  keySet: KeySet | null = null,
): Verify {
  const { issuer, audience, tolerance } = settings;
  const secrets = settings.secrets.map((secret) => new TextEncoder().encode(secret));
  const algorithms = [...(secrets.length > 0 ? ["HS256"] : []), ...(keySet ? Object.keys(PUBLIC_ALGORITHMS) : [])];
  const options = {
    algorithms,
    clockTolerance: tolerance,
    requiredClaims: ["sub", "exp"],
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience: [...audience] }),
  };

  /** Which keys may have signed it. A public key never verifies what a secret should: the algorithm decides between them. */
  async function keysFor(token: string): Promise<Result<readonly Key[]>> {
    const header = headerOf(token);
    if (!header.ok) return header;
    const { alg, kid } = header.value;
    if (alg === undefined || !algorithms.includes(alg)) {
      return failure("unauthorised", `the token's algorithm is not one of ${algorithms.join(", ")}`);
    }
    if (alg === "HS256") return success(secrets);
    return keySet ? keySet.find({ alg, kid }) : success([]);
  }

  return async (token) => {
    if (algorithms.length === 0) return failure("unauthorised", "this deployment has no key to verify a token with");
    if (token.length > LIMITS.tokenLength) {
      return failure("unauthorised", `the token has more than ${LIMITS.tokenLength} characters`);
    }
    const keys = await keysFor(token);
    if (!keys.ok) return keys;
    for (const key of keys.value) {
      try {
        const { payload } = await jwtVerify(token, key, options);
        return decodeClaims(payload, tolerance);
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) return failure("unauthorised", reasonOf(error));
      }
    }
    return failure("unauthorised", "the token is signed with none of this deployment's keys");
  };
}

function headerOf(token: string): Result<{ readonly alg?: string | undefined; readonly kid?: string | undefined }> {
  try {
    return success(decodeProtectedHeader(token));
  } catch {
    return failure("unauthorised", "the token is not a signed JSON Web Token");
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "the token has expired";
  if (!(error instanceof errors.JWTClaimValidationFailed)) return "the token is malformed";
  if (error.reason === "missing") return `the token has no ${error.claim}`;
  return REASONS[error.claim] ?? `the token's ${error.claim} is wrong`;
}

const REASONS: Readonly<Record<string, string>> = {
  nbf: "the token is not valid yet",
  iss: "the token is of another issuer",
  aud: "the token is for another audience",
};
