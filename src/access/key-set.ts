import { type CryptoKey, importJWK, type JWK } from "jose";
import { failure, LIMITS, parseJson, type Result, success } from "../protocol/index.ts";
import { isRecord } from "./identity.ts";

/** The public keys of an identity provider. They are kept, and fetched again when they are old or one is missing. */
export interface KeySet {
  /** Those that may have signed a token with this header; `unavailable` where they cannot be fetched. */
  find(header: { readonly alg: string; readonly kid?: string | undefined }): Promise<Result<readonly CryptoKey[]>>;
}

/** The signatures that are verified with public keys, and what a key for them is. */
export const PUBLIC_ALGORITHMS: Readonly<Record<string, { readonly kty: string; readonly crv?: string }>> = {
  ES256: { kty: "EC", crv: "P-256" },
  RS256: { kty: "RSA" },
  // Two names of one thing: providers write either, in tokens and in keys, and not always the same.
  EdDSA: { kty: "OKP", crv: "Ed25519" },
  Ed25519: { kty: "OKP", crv: "Ed25519" },
};

/** A key as it was published, and as it was imported for an algorithm. */
interface PublicKey {
  readonly jwk: JWK;
  readonly imported: Map<string, CryptoKey>;
}

/** Lets what a request has begun go on when whoever made the request goes away. */
export type Outlive = (work: Promise<unknown>) => void;

export function createKeySet(url: string, outlive: Outlive): KeySet {
  let keys: readonly PublicKey[] = [];
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  /** Whether an answer to the last question is still to come. */
  let isAsking = false;
  let problem: Result<never> | null = null;

  /**
   * One request at a time asks, and the others wait for what it hears. They look at what is kept, not at its promise: in Workers
   * what belongs to one request may not be awaited in another, and ends with it.
   */
  async function refresh(): Promise<void> {
    if (isAsking && Date.now() - askedAt < LIMITS.jwksTimeout) {
      const asked = askedAt;
      while (isAsking && askedAt === asked && Date.now() - asked < LIMITS.jwksTimeout) await pause(LOOK_AGAIN);
      return;
    }
    if (problem && Date.now() - askedAt < LIMITS.jwksTimeout) return;
    const asking = ask();
    // Who asks may go away meanwhile, on purpose, and without this what he has begun ends with him: the others would wait in vain.
    outlive(asking);
    await asking;
  }
  async function ask(): Promise<void> {
    isAsking = true;
    askedAt = Date.now();
    const read = await fetchKeys(url).then(readKeys, notFetched);
    isAsking = false;
    problem = read.ok ? null : read;
    if (!read.ok) return;
    keys = read.value;
    fetchedAt = Date.now();
  }

  const findKept = (alg: string, kid: string | undefined) => keys.filter(({ jwk }) => fits(jwk, alg, kid));
  return {
    async find({ alg, kid }) {
      const isOld = () => Date.now() - fetchedAt >= LIMITS.jwksAge;
      if (isOld()) {
        await refresh();
        if (isOld()) return problem ?? NOT_FETCHED;
      }
      // Whoever makes up key ids must not make this deployment ask for each of them.
      if (findKept(alg, kid).length === 0 && (isAsking || Date.now() - askedAt >= LIMITS.jwksPause)) {
        await refresh();
        if (problem) return problem;
      }
      const found: CryptoKey[] = [];
      for (const key of findKept(alg, kid)) {
        const imported = await importKey(key, alg);
        if (imported) found.push(imported);
      }
      return success(found);
    },
  };
}

/** How often is looked whether another request has heard. Milliseconds. */
const LOOK_AGAIN = 20;
const pause = (delay: number) => new Promise<void>((resolve) => setTimeout(resolve, delay));

const NOT_FETCHED = failure("unavailable", "the keys that tokens are verified with could not be fetched; try again");

/** Says in the log that it failed, and not where: an address may hold a key. */
function notFetched(error: unknown): Result<never> {
  console.error("AUTH_JWKS_URL could not be fetched:", error instanceof Error ? error.name : "unknown");
  return NOT_FETCHED;
}

async function fetchKeys(url: string): Promise<string> {
  const signal = AbortSignal.timeout(LIMITS.jwksTimeout);
  const response = await fetch(url, { redirect: "manual", signal, headers: { accept: "application/json" } });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.text();
}

function readKeys(text: string): Result<readonly PublicKey[]> {
  const parsed = text.length <= LIMITS.jwksLength ? parseJson(text, "unavailable") : NOT_FETCHED;
  if (!parsed.ok || !isRecord(parsed.value) || !Array.isArray(parsed.value.keys)) {
    console.error("AUTH_JWKS_URL has answered with no key set");
    return NOT_FETCHED;
  }
  return success(parsed.value.keys.filter(isRecord).map((jwk) => ({ jwk, imported: new Map() })));
}

function fits({ kty, crv, alg: named, use, kid }: JWK, alg: string, wanted: string | undefined): boolean {
  const kind = PUBLIC_ALGORITHMS[alg];
  if (!kind || kind.kty !== kty || (kind.crv !== undefined && kind.crv !== crv)) return false;
  if (use !== undefined && use !== "sig") return false;
  // An RSA key can be for other algorithms; the curve of any other says all.
  if (kty === "RSA" && named !== undefined && named !== alg) return false;
  return wanted === undefined || kid === wanted;
}

/** Null for what is no key after all: one that is broken must not keep the others from being used. */
async function importKey({ jwk, imported }: PublicKey, alg: string): Promise<CryptoKey | null> {
  const known = imported.get(alg);
  if (known) return known;
  try {
    const key = await importJWK(jwk, alg);
    if (key instanceof Uint8Array) return null;
    imported.set(alg, key);
    return key;
  } catch {
    console.error("a key of AUTH_JWKS_URL could not be imported");
    return null;
  }
}
