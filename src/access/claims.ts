import {
  failure,
  ID_IN_WORDS,
  ID_PATTERN,
  LIMITS,
  type Result,
  type Role,
  success,
  type User,
} from "../protocol/index.ts";
import { decodeUser, isRecord, isRole } from "./identity.ts";

/** What a verified token says. */
export interface Claims {
  readonly user: User;
  /** Which documents it opens; empty where it names none. */
  readonly documents: readonly Grant[];
  /** Until when, Unix milliseconds. */
  readonly expires: number;
  /** When it was issued, Unix milliseconds. */
  readonly issued?: number | undefined;
  /** All that stands in it, for rules of one's own. */
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A role in a document, or in all whose ids begin alike: `team-a:*`. */
export interface Grant {
  readonly id: string;
  readonly role: Role;
}

/** Decodes the claims of a token; `unauthorised`, with the claim at fault. Half a list is none: it was meant otherwise. */
export function decodeClaims(payload: unknown, tolerance: number): Result<Claims> {
  if (!isRecord(payload)) return failure("unauthorised", "the token has no claims");
  const { sub, name, documents = [], exp, iat } = payload;
  const user = decodeUser({ id: sub, name });
  if (!user.ok) return failure("unauthorised", `the token's sub and name: ${user.problem.message}`);
  if (typeof exp !== "number") return failure("unauthorised", "the token has no exp");
  if (!Array.isArray(documents) || documents.length > LIMITS.grantsPerToken) {
    return failure("unauthorised", `the token's documents: must be a list of at most ${LIMITS.grantsPerToken}`);
  }
  const grants: Grant[] = [];
  for (const [index, grant] of documents.entries()) {
    if (!isGrant(grant)) {
      return failure("unauthorised", `the token's documents[${index}]: must be { id, role }, ${GRANT_ID}`);
    }
    grants.push({ id: grant.id, role: grant.role });
  }
  const expires = Math.min((exp + tolerance) * 1000, LAST_MOMENT);
  const issued = typeof iat === "number" ? { issued: iat * 1000 } : {};
  return success({ user: user.value, documents: grants, expires, ...issued, payload });
}

/** The most that these give in a document; null: nothing. */
export function roleIn(documents: readonly Grant[], documentId: string): Role | null {
  const roles = documents.filter(({ id }) => matches(id, documentId)).map(({ role }) => role);
  return MOST_FIRST.find((role) => roles.includes(role)) ?? null;
}

/** Whether a grant may say that: the id of a document, or how ids begin and `*`. */
export function isGrantId(id: unknown): id is string {
  return typeof id === "string" && (ID_PATTERN.test(id) || /^[A-Za-z0-9._~:-]{0,127}\*$/.test(id));
}

/** What an id of a grant is, for who wrote another. */
export const GRANT_ID = `an id of ${ID_IN_WORDS} or the beginning of one and *, as in team-a:*`;

function isGrant(input: unknown): input is Grant {
  return isRecord(input) && isGrantId(input.id) && isRole(input.role);
}

function matches(grantId: string, documentId: string): boolean {
  return grantId.endsWith("*") ? documentId.startsWith(grantId.slice(0, -1)) : documentId === grantId;
}

const MOST_FIRST: readonly Role[] = ["admin", "write", "read"];

/** The last that a date can be. */
const LAST_MOMENT = 8.64e15;
