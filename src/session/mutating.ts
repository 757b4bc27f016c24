import { decodeClientMutation, type EnclosedMutations, isLarge, type Problem } from "../protocol/index.ts";
import { isRejection, type StoredDocument } from "../storage.ts";
import type { Admission } from "./admission.ts";
import { type Costs, debtorOf, tooMuch } from "./costs.ts";
import type { Opening } from "./opening.ts";
import { MOST_OWED, owe } from "./owed.ts";
import type { Rounds } from "./rounds.ts";
import { createLooks, workWith } from "./sight.ts";
import { isOpen, type JoinedSubscriber } from "./subscriber.ts";
import type { Subscribers } from "./subscribers.ts";
import { mayLoseAnswers, rejectNow } from "./telling.ts";

/** What deciding mutations needs of its session. */
export interface MutateContext {
  readonly opening: Opening;
  readonly subscribers: Subscribers;
  readonly admission: Admission;
  readonly costs: Costs;
  readonly rounds: Pick<Rounds<unknown>, "hasHad" | "charge">;
  commit(now: number): void;
  /** Sends a subscriber what it lacks, in turns. */
  pump(to: JoinedSubscriber, stored: StoredDocument, now: number): void;
  /** Lets what is left of a frame wait for another turn of its author. */
  putBack(from: JoinedSubscriber, rest: Rest): void;
}

/** What is left of a large frame; its mutations are text until their turn. */
export interface Rest {
  readonly frame: string;
  /** How many of its mutations are decided. */
  readonly done: number;
  /** Its author knows of the refusals up to this counter; undefined: of all. */
  readonly refused: number | undefined;
  readonly mutations: EnclosedMutations;
}

/** In the unit of `Meter`: to parse and decode a character, and to answer a mutation at all. */
export const CHARACTER = 2;
const MUTATION = 128;
/** So many characters of events wait for their commit at most, and are in memory. */
const COMMITTED_AT = 4 * 1024 * 1024;

/** Decides mutations as long as it is their author's turn; the rest waits. */
export function mutate(context: MutateContext, from: JoinedSubscriber, rest: Rest, now: number): void {
  const { opening, subscribers, admission, costs, rounds, commit, pump, putBack } = context;
  const { stored, waiting } = opening.findOrCreate(now);
  const { client } = from.joined;
  let { owed } = from.joined;
  const who = debtor(from);
  const looks = createLooks();
  const { frame, refused, mutations } = rest;
  if (knowsAll(from, refused)) hold(subscribers, from, undefined);
  const sent = frame.length / mutations.length;
  const toParse = isLarge(frame) ? sent * CHARACTER : 0;
  for (let index = rest.done; index < mutations.length; index++) {
    if (index > rest.done && rounds.hasHad(from.id)) {
      putBack(from, { ...rest, done: index });
      break;
    }
    const enclosed = mutations.at(index);
    if (!enclosed.ok) {
      subscribers.fail(from, enclosed.problem.code, enclosed.problem.message);
      return;
    }
    // What a frame changes may be more than memory holds (B30), or than is good to commit at once (B2).
    if (stored.heavy || waiting.logged >= COMMITTED_AT) commit(now);
    const { mutation } = enclosed.value;
    const answered = stored.clients.get(client)?.mutation ?? 0;
    if (mutation <= answered) {
      owed = owe(owed, mutation);
      if (refused !== undefined && mutation > refused && hasHeld(stored, client, mutation))
        hold(subscribers, from, mutation);
      continue;
    }
    // Not by the connection alone: who has left since was not reached by a revocation.
    const admitted = admission.admit(from.principal, "mutate", now);
    if (!admitted.ok) {
      if (!rejectNow(subscribers, from, mutation, admitted.problem)) return;
      continue;
    }
    const principal = admitted.value;
    if (isAhead(from, mutation, answered) || mutation > (from.joined.holds ?? mutation)) continue;
    const wait = costs.waitFor(who, now);
    if (wait > 0) {
      tellToWait(subscribers, from, mutation, tooMuch(wait));
      continue;
    }
    if (from.joined.waitsFor !== undefined) {
      from.joined.waitsFor = undefined;
      subscribers.save(from);
    }
    const [work, logged] = [workWith(looks), looks.logged];
    const decoded = decodeClientMutation(enclosed.value);
    // What it has not seen of texts may have to be read, in as many turns as that takes.
    if (!decoded.problem && !waiting.ready({ ...decoded, principal, client }, looks)) {
      rounds.charge(from.id, workWith(looks) - work);
      // What waits, and is not in mind, can be read as soon as it is in the log.
      commit(now);
      putBack(from, { ...rest, done: index });
      break;
    }
    const outcome = decoded.problem
      ? waiting.refuse(principal, client, mutation, decoded.problem, now)
      : waiting.submit({ ...decoded, principal, client, holds: refused !== undefined }, looks, now);
    const problem = outcome.ok ? null : outcome.problem;
    if (problem?.code === "full" && !rejectNow(subscribers, from, mutation, problem)) return;
    if (problem?.base !== undefined) tellToWait(subscribers, from, mutation, problem);
    if (problem?.holds) hold(subscribers, from, mutation);
    const cost = { work: MUTATION + toParse + workWith(looks) - work, logged: looks.logged - logged, sent };
    rounds.charge(from.id, cost.work);
    costs.charge(who, cost, now);
  }
  if (owed !== from.joined.owed) {
    from.joined.owed = owed;
    // The first answer may still wait for its commit.
    commit(now);
    pump(from, stored, now);
    if (from.joined.owed.length > MOST_OWED) {
      subscribers.fail(from, "tooSlow", "too many answers wait to be read");
      return;
    }
    subscribers.save(from);
  }
  if (mayLoseAnswers(stored, from.joined)) {
    subscribers.fail(from, "tooSlow", "too many answers wait to be read");
  }
}

/** Tells an author of whom a mutation has to wait so once more. */
export function tellAgain({ subscribers, costs }: MutateContext, from: JoinedSubscriber, now: number): void {
  const { waitsFor } = from.joined;
  if (waitsFor === undefined) return;
  tellToWait(subscribers, from, waitsFor, tooMuch(Math.max(1, costs.waitFor(debtor(from), now))));
}

/** Tells the author of a mutation to send it, and what follows it, again: after a while, or made of a later tree. */
function tellToWait(subscribers: Subscribers, from: JoinedSubscriber, mutation: number, why: Problem): void {
  from.joined.waitsFor = mutation;
  subscribers.save(from);
  // Else it is told with its next answer to a sync.
  if (isOpen(from.joined.flow)) rejectNow(subscribers, from, mutation, why);
}

function debtor({ principal, joined }: JoinedSubscriber): string {
  return debtorOf(principal, `client:${joined.client}`);
}

/** Whether a mutation is passed over, as an earlier one has to come first. */
function isAhead({ joined }: JoinedSubscriber, mutation: number, answered: number): boolean {
  return joined.waitsFor !== undefined && answered < joined.waitsFor && mutation > joined.waitsFor;
}

/** Passes over what is above a counter, which was refused; undefined: nothing more. */
function hold(subscribers: Subscribers, from: JoinedSubscriber, holds: number | undefined): void {
  from.joined.holds = holds;
  subscribers.save(from);
}

/** Whether somebody says to know of the refusal that holds what he has sent. */
function knowsAll({ joined: { holds } }: JoinedSubscriber, refused: number | undefined): boolean {
  return holds !== undefined && (refused === undefined || refused >= holds);
}

function hasHeld({ clients }: StoredDocument, client: string, mutation: number): boolean {
  const answer = clients.get(client)?.answers.find((each) => each.mutation === mutation);
  return answer !== undefined && isRejection(answer) && answer.holds === true;
}
