import { decodeClientMutation, type EnclosedMutation, LIMITS, openFrame, type Problem } from "../protocol/index.ts";
import { isFullOf, type StoredDocument } from "../storage.ts";
import { assertNever, type Json } from "../tree/index.ts";
import type { Costs } from "./costs.ts";
import { join } from "./joining.ts";
import type { Opening } from "./opening.ts";
import { MOST_OWED, owe } from "./owed.ts";
import { refusedFrame } from "./presence.ts";
import { createRounds } from "./rounds.ts";
import { createLooks, workWith } from "./sight.ts";
import { countAnswer, isJoined, isOpen, type JoinedSubscriber, type Subscriber } from "./subscriber.ts";
import type { Subscribers } from "./subscribers.ts";
import { rejectNow } from "./telling.ts";

/** What subscribers send, in the turn of each. */
export interface Receiving {
  /** A frame from a subscriber; null stands for one that is not text. */
  receive(from: Subscriber, frame: string | null, now: number): void;
  /** Whether something waits for a later round. */
  readonly waiting: boolean;
  /** Whether who calls has to wait for the next round, as others have something to do in this one. */
  mustWait(who: string): boolean;
  /** Counts work that was done for a call. */
  charge(who: string, work: number): void;
  /** A new round: everyone has a share again. Says whether something has waited for it. */
  beginRound(): boolean;
  /** Does what has waited, as much as a round takes. */
  work(now: number): void;
  /** What has been sent and not decided: what is being decided first of all. */
  undecided(): Item[];
  /** The document leaves memory: what waits is not answered. */
  forget(): void;
}

interface ReceivingSetup {
  readonly documentId: string;
  readonly costs: Costs;
  readonly opening: Opening;
  readonly subscribers: Subscribers;
  commit(now: number): void;
}

/** A frame, or what is left of one; its sender may be gone by its turn, and what it has sent counts all the same. */
export type Item = { readonly from: Subscriber } & (
  | { readonly frame: string }
  | { readonly from: JoinedSubscriber; readonly mutations: readonly EnclosedMutation[]; readonly sent: number }
  /** It is sent what it lacks. */
  | { readonly from: JoinedSubscriber; readonly lacks: true }
);

/** In the unit of `Meter`: to parse and decode a character, and to answer anything at all. */
const CHARACTER = 2;
const MESSAGE = 1_024;
const MUTATION = 256;
/** So many characters of events wait for their commit at most, and are in memory. */
const COMMITTED_AT = 4 * 1024 * 1024;

export function createReceiving({ documentId, opening, subscribers, costs, commit }: ReceivingSetup): Receiving {
  const rounds = createRounds<Item>();
  /** What is being decided, for who asks because that has thrown. */
  let deciding: Item | null = null;

  const setPresence = (from: JoinedSubscriber, data: Json) => {
    const refused = subscribers.presence.show(from, data);
    if (refused && isOpen(from.joined.flow)) subscribers.send(from, refusedFrame(from, refused));
  };

  /** Nothing may wait for its commit. */
  const pump = (to: JoinedSubscriber, stored: StoredDocument, now: number) => {
    const goesOn = (sent: number) => {
      rounds.charge(to.id, sent);
      return !rounds.hasHad(to.id);
    };
    if (!subscribers.pump(to, stored, now, goesOn)) rounds.putBack(to.id, { from: to, lacks: true }, 0);
  };
  /** Tells the author of a mutation to send it, and what follows it, again after a while. */
  const tellToWait = (from: JoinedSubscriber, mutation: number, retryAfter: number) => {
    from.joined.waitsFor = mutation;
    subscribers.save(from);
    rejectNow(subscribers, from, mutation, tooMuch(retryAfter));
  };
  /** Decides mutations as long as it is their author's turn; the rest waits. They took `sent` characters each. */
  const mutate = (from: JoinedSubscriber, mutations: readonly EnclosedMutation[], sent: number, now: number) => {
    const { stored, waiting } = opening.findOrCreate(now);
    const { client } = from.joined;
    let { owed } = from.joined;
    deciding = { from, mutations, sent };
    const looks = createLooks();
    for (const [index, enclosed] of mutations.entries()) {
      if (index > 0 && rounds.hasHad(from.id)) {
        rounds.putBack(from.id, { from, mutations: mutations.slice(index), sent }, 0);
        break;
      }
      // What a frame changes may be more than memory holds (B30), or than is good to commit at once (B2).
      if (stored.heavy || waiting.logged >= COMMITTED_AT) commit(now);
      const { mutation } = enclosed;
      if (mutation <= (stored.clients.get(client)?.mutation ?? 0)) {
        owed = owe(owed, mutation);
        continue;
      }
      if (from.principal.role !== "write") {
        if (!rejectNow(subscribers, from, mutation, ONLY_READ)) return;
        continue;
      }
      if (mutation > (from.joined.waitsFor ?? mutation)) continue;
      const wait = costs.waitFor(client, now);
      if (wait > 0) {
        tellToWait(from, mutation, wait);
        continue;
      }
      from.joined.waitsFor = undefined;
      const [work, logged] = [workWith(looks), looks.logged];
      const decoded = decodeClientMutation(enclosed);
      const outcome = decoded.problem
        ? waiting.refuse(from.principal, client, mutation, decoded.problem, now)
        : waiting.submit({ ...decoded, principal: from.principal, client }, looks, now);
      const isFull = !outcome.ok && outcome.problem.code === "full";
      if (isFull && !rejectNow(subscribers, from, mutation, outcome.problem)) return;
      const cost = { work: MUTATION + workWith(looks) - work, logged: looks.logged - logged, sent };
      rounds.charge(from.id, cost.work);
      costs.charge(client, cost, now);
    }
    deciding = null;
    if (owed !== from.joined.owed) {
      from.joined.owed = owed;
      // The first answer may still wait for its commit.
      commit(now);
      pump(from, stored, now);
      if (from.joined.owed.length > MOST_OWED)
        return subscribers.fail(from, "tooSlow", "too many answers wait to be read");
      subscribers.save(from);
    }
    if (mayLoseAnswers(stored, from.joined)) {
      subscribers.fail(from, "tooSlow", "too many answers wait to be read");
    }
  };

  const take = (from: Subscriber, frame: string, now: number) => {
    rounds.charge(from.id, MESSAGE + frame.length * CHARACTER);
    const opened = openFrame(frame);
    if (!opened.ok) return subscribers.fail(from, opened.problem.code, opened.problem.message);
    if (opening.importing) return subscribers.fail(from, "unavailable", "an import is under way; try again");
    // A document that was in memory alone may be gone, and with it everyone's place in it.
    if (isJoined(from) && opening.find()?.stored.incarnation !== from.joined.incarnation) return;
    const message = opened.value;
    // Who has left meanwhile has sent its mutations all the same.
    if (!subscribers.get(from.id) && message.type !== "mutate") return;
    if (message.type === "join") return join({ documentId, opening, subscribers, commit, pump }, from, message, now);
    if (!isJoined(from)) return subscribers.fail(from, "protocol", "join comes first");
    switch (message.type) {
      case "mutate":
        return mutate(from, message.mutations, frame.length / message.mutations.length, now);
      case "presence":
        return setPresence(from, message.data);
      case "sync": {
        const { flow } = from.joined;
        if (message.n > flow.asked) return subscribers.fail(from, "protocol", `sync ${message.n} was never sent`);
        if (!countAnswer(flow, message.n)) return;
        if (from.joined.feed.is !== "live") from.joined.feed = { ...from.joined.feed, since: null };
        subscribers.save(from);
        commit(now);
        return pump(from, opening.findOrCreate(now).stored, now);
      }
      case "leave":
        return subscribers.close(from, 1000, "left");
      default:
        return assertNever(message);
    }
  };

  return {
    get waiting() {
      return rounds.waiting;
    },
    receive(from, frame, now) {
      if (frame === null) return subscribers.fail(from, "protocol", "frames are text");
      // What is too large need not wait to be told so.
      if (frame.length > LIMITS.frameBytes || !rounds.mustWait(from.id)) return take(from, frame, now);
      if (rounds.put(from.id, { from, frame }, frame.length)) return;
      rounds.drop(from.id);
      subscribers.fail(from, "rateLimited", `at most ${LIMITS.waitingBytes} bytes may be sent ahead of their answers`);
    },
    beginRound() {
      rounds.begin();
      return rounds.waiting;
    },
    mustWait: (who) => rounds.hasHad(who) && !rounds.isAlone(who),
    charge: rounds.charge,
    undecided: () => [...(deciding ? [deciding] : []), ...rounds.all()],
    forget: rounds.clear,
    work(now) {
      for (let next = rounds.take(); next; next = rounds.take()) {
        const { item } = next;
        if ("frame" in item) take(item.from, item.frame, now);
        else if ("mutations" in item) mutate(item.from, item.mutations, item.sent, now);
        else {
          commit(now);
          const stored = opening.known()?.stored;
          if (stored) pump(item.from, stored, now);
        }
      }
    },
  };
}

/** Whether a subscriber who is behind is owed so many answers that are no events that one more might not be kept for it. */
function mayLoseAnswers(stored: StoredDocument, { client, feed }: JoinedSubscriber["joined"]): boolean {
  if (feed.is === "live") return false;
  const answers = stored.clients.get(client)?.answers ?? [];
  return isFullOf(answers.filter(({ mutation }) => mutation > feed.mutation));
}

/** Why it is not decided yet. */
export function tooMuch(retryAfter: number): Problem {
  return { code: "rateLimited", message: "others have waited, or stored, too much because of it", retryAfter };
}

const ONLY_READ = { code: "forbidden", message: "this subscriber may only read" } as const;
