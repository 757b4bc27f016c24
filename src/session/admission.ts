import {
  chain,
  encode,
  failure,
  type Principal,
  type Problem,
  type Result,
  type RevokeInput,
  type Role,
  type SubscriberId,
  success,
} from "../protocol/index.ts";
import { type Deed, decides, EXPIRED, isExpired, lesser } from "../protocol/rights.ts";
import type { Tables } from "../storage.ts";
import { createRevocations, REVOKED } from "./revocations.ts";
import { isJoined, type JoinedSubscriber, type Subscriber } from "./subscriber.ts";
import type { Subscribers } from "./subscribers.ts";

/** Who may do what, of those who call and of those who are connected. */
export interface Admission {
  /** The principal as it stands here, if it may do this. */
  admit(principal: Principal, deed: Deed, now: number): Result<Principal>;
  /** Whether a new connection may join, which has what is left to it from then on. */
  join(subscriber: Subscriber, now: number): Result<Principal>;
  /** Closes a connection that is over; says whether it was. */
  expire(subscriber: Subscriber, now: number): boolean;
  /** Closes all that are. */
  expireAll(now: number): void;
  /** When a connection is over unless a new token comes before; undefined where none would help, or it does not end. */
  renewBefore(subscriber: Subscriber): number | undefined;
  /** Has the token of an `auth` verified: `verified` is told what comes of it. */
  verify(from: JoinedSubscriber, token: string, now: number): void;
  verified(id: SubscriberId, outcome: Result<Principal>, now: number): void;
  /** Takes rights away; tells how many connections that has changed or closed. `notFound` for a connection that is not there. */
  revoke(input: RevokeInput, now: number): Result<{ readonly subscribers: number }>;
  /** The document is deleted. */
  forget(): void;
}

interface AdmissionSetup {
  readonly tables: Tables;
  readonly subscribers: Subscribers;
  /** Whether the application says what a token gives over a connection: then it may take the place of what its `authorize` has said. */
  readonly authenticates: boolean;
  /** What somebody has sent and waits for its turn is not done any more. */
  dropWaiting(from: Subscriber): void;
}

const ANOTHER: Problem = { code: "forbidden", message: "the token is another user's" };
/** Its client comes back at once, through the Worker, which decides anew. */
const DECIDED_ANEW: Problem = {
  code: "unavailable",
  message: "what was decided when this connected is over; connect again",
};
const ONE_AT_A_TIME: Problem = { code: "protocol", message: "one auth at a time: the one before has no answer yet" };

export function createAdmission(setup: AdmissionSetup): Admission {
  const { tables, subscribers, authenticates, dropWaiting } = setup;
  const revocations = createRevocations(tables);
  /** Whose token is being verified. */
  const verifying = new Set<SubscriberId>();

  const close = (subscriber: Subscriber, { code, message }: Problem) => {
    dropWaiting(subscriber);
    subscribers.fail(subscriber, code, message);
  };
  const isRenewable = ({ principal }: Subscriber) => authenticates || principal.renewable === true;
  const renewBefore = (subscriber: Subscriber) => (isRenewable(subscriber) ? subscriber.principal.expires : undefined);
  const tell = (to: Subscriber, now: number) => {
    const expires = renewBefore(to) ?? null;
    if (isJoined(to)) subscribers.send(to, encode({ type: "auth", role: to.principal.role, expires, time: now }));
  };
  /** What was over before it began would only be so again. */
  const end = (subscriber: Subscriber) =>
    close(subscriber, isRenewable(subscriber) || !isJoined(subscriber) ? EXPIRED : DECIDED_ANEW);
  /** The role that is left to a connection of what its token says. */
  const roleLeft = ({ most = "admin" }: Subscriber, told: Principal): Result<Role> =>
    chain(revocations.standing(told), ({ role }) => success(lesser(role, most)));
  /** Gives it that, and tells it; closes it where that is nothing. */
  const give = (subscriber: Subscriber, told: Principal, left: Result<Role>, now: number) => {
    if (!left.ok) return close(subscriber, left.problem);
    // Who has joined goes on being called as the others know it.
    subscribers.become(subscriber, { ...told, user: subscriber.principal.user, role: left.value }, told.role);
    tell(subscriber, now);
  };
  const givenTo = ({ principal, given }: Subscriber): Principal => ({ ...principal, role: given ?? principal.role });
  /** What is to be left to each of these connections has changed. */
  const giveAgain = (some: readonly Subscriber[], now: number) => {
    let changed = 0;
    for (const each of some) {
      const told = givenTo(each);
      const left = roleLeft(each, told);
      if (left.ok && left.value === each.principal.role) continue;
      give(each, told, left, now);
      changed++;
    }
    return success({ subscribers: changed });
  };
  const revokeUser = (id: string, role: Role | null, now: number) => {
    const theirs = subscribers.all().filter(({ principal }) => principal.user?.id === id);
    // The clock that their tokens were issued by may be ahead of this one.
    const at = Math.max(now, ...theirs.map(({ principal }) => principal.issued ?? 0));
    revocations.note({ user: id, role, at });
    return giveAgain(theirs, now);
  };
  const revokeConnection = (id: SubscriberId, role: Role | null, now: number) => {
    const subscriber = subscribers.get(id);
    if (!subscriber) return failure("notFound", `there is no subscriber ${id.slice(0, 64)}`);
    if (role === null) {
      close(subscriber, REVOKED.problem);
      return success({ subscribers: 1 });
    }
    subscriber.most = role;
    // It may change nothing now, and has to hold all the same for what its token says next.
    subscribers.save(subscriber);
    return giveAgain([subscriber], now);
  };

  const admit = (principal: Principal, deed: Deed, now: number): Result<Principal> => {
    const refusal = decides(principal, deed, now);
    if (refusal) return { ok: false, problem: refusal };
    const standing = revocations.standing(principal);
    if (!standing.ok || standing.value === principal) return standing;
    const problem = decides(standing.value, deed, now);
    return problem ? { ok: false, problem } : standing;
  };
  return {
    admit,
    join(subscriber, now) {
      const { principal } = subscriber;
      const admitted = admit(principal, "join", now);
      if (admitted.ok && admitted.value !== principal) subscribers.become(subscriber, admitted.value, principal.role);
      return admitted;
    },
    expire(subscriber, now) {
      if (!isExpired(subscriber.principal, now)) return false;
      end(subscriber);
      return true;
    },
    expireAll(now) {
      if (subscribers.expiry.first > now) return;
      for (const each of subscribers.all()) if (isExpired(each.principal, now)) end(each);
    },
    renewBefore,
    verify(from, token, now) {
      // Who the Worker has let in by other rules may not get round them by what his token says.
      if (!isRenewable(from)) return tell(from, now);
      if (verifying.has(from.id)) return close(from, ONE_AT_A_TIME);
      verifying.add(from.id);
      subscribers.verify(from, token);
    },
    verified(id, outcome, now) {
      verifying.delete(id);
      const subscriber = subscribers.get(id);
      if (!subscriber) return;
      // No verdict: the keys cannot be had. What counts goes on counting, and its client asks again before that is over.
      if (!outcome.ok && outcome.problem.code === "unavailable") return tell(subscriber, now);
      if (!outcome.ok) return close(subscriber, outcome.problem);
      const { user } = outcome.value;
      if (isExpired(outcome.value, now)) return close(subscriber, EXPIRED);
      if (user?.id !== subscriber.principal.user?.id) return close(subscriber, ANOTHER);
      give(subscriber, outcome.value, roleLeft(subscriber, outcome.value), now);
    },
    revoke: (input, now) =>
      "user" in input ? revokeUser(input.user, input.role, now) : revokeConnection(input.subscriber, input.role, now),
    forget: revocations.forget,
  };
}
