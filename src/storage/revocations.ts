import type { Role } from "../protocol/index.ts";
import type { Tables } from "./tables.ts";

/** What is left to a user of what the tokens say that were issued until `at` (Unix milliseconds); null: nothing. */
export interface Revocation {
  readonly user: string;
  readonly role: Role | null;
  readonly at: number;
}

/** The revocations of a document. Tokens of anybody that were issued before `before` are too old to know whether they were revoked. */
export interface Revoked {
  readonly before: number;
  /** The oldest first. */
  readonly users: readonly Revocation[];
}

export const NOTHING_REVOKED: Revoked = { before: 0, users: [] };

const KEY = "revoked";

/** Looks without opening the document: who may not even know of it must not make it be read. */
export function readRevoked(tables: Tables): Revoked {
  const saved = tables.exists() ? tables.meta.get(KEY) : undefined;
  if (saved === undefined) return NOTHING_REVOKED;
  const revoked: Revoked = JSON.parse(saved);
  return revoked;
}

/** Nothing is stored of a document in memory, and its revocations go with it. */
export function writeRevoked(tables: Tables, revoked: Revoked): void {
  if (tables.exists()) tables.meta.put(KEY, JSON.stringify(revoked));
}
