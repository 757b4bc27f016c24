import { failure, LIMITS, type Principal, type Result, success } from "../protocol/index.ts";
import { lesser } from "../protocol/rights.ts";
import { NOTHING_REVOKED, type Revocation, type Revoked, readRevoked, type Tables, writeRevoked } from "../storage.ts";

/** Whose tokens say more than counts here. */
export interface Revocations {
  /** The principal with the role that is left to it: `forbidden` where none is, `unauthorised` where its token is too old to know. */
  standing(principal: Principal): Result<Principal>;
  /** Notes it for the tokens that this user was issued until now; the oldest make room. */
  note(revocation: Revocation): void;
  /** The document is gone, and with it whom it concerned. */
  forget(): void;
}

export const REVOKED = failure("forbidden", "access was revoked");
const TOO_OLD = failure("unauthorised", "the token is too old to know whether it was revoked; use a new one");

export function createRevocations(tables: Tables): Revocations {
  let known: Revoked | null = null;
  let byUser: ReadonlyMap<string, Revocation> = new Map();
  const learn = (revoked: Revoked) => {
    known = revoked;
    byUser = new Map(revoked.users.map((each) => [each.user, each]));
    return revoked;
  };
  const read = () => known ?? learn(readRevoked(tables));
  return {
    standing(principal) {
      const { before } = read();
      const { user, role, expires } = principal;
      // What an application has decided by itself it has decided now; a token that does not say when may be of any time.
      const issued = principal.issued ?? (expires === undefined ? Number.POSITIVE_INFINITY : 0);
      const revocation = user ? byUser.get(user.id) : undefined;
      if (revocation && !(principal.issued !== undefined && principal.issued > revocation.at)) {
        return revocation.role === null ? REVOKED : success({ ...principal, role: lesser(role, revocation.role) });
      }
      return before > 0 && issued <= before ? TOO_OLD : success(principal);
    },
    note(revocation) {
      const { before, users } = read();
      const others = users.filter(({ user }) => user !== revocation.user);
      // Over where the tokens count again as they are.
      const all = revocation.role === "admin" ? others : [...others, revocation];
      const [oldest, ...newer] = all;
      const isFull = oldest !== undefined && all.length > LIMITS.revocations;
      const revoked = isFull ? { before: Math.max(before, oldest.at), users: newer } : { before, users: all };
      writeRevoked(tables, revoked);
      learn(revoked);
    },
    forget: () => void learn(NOTHING_REVOKED),
  };
}
