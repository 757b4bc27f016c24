import {
  decodeClientMutation,
  type EnclosedMutations,
  isLarge,
  LIMITS,
  openFrame,
  type Principal,
  type Problem,
} from "../protocol/index.ts";
import type { StoredDocument } from "../storage.ts";
import { assertNever, type Json } from "../tree/index.ts";
import type { Admission } from "./admission.ts";
import type { Costs } from "./costs.ts";
import { join } from "./joining.ts";
import type { Opening } from "./opening.ts";
import { MOST_OWED, owe } from "./owed.ts";
import { refusedFrame } from "./presence.ts";
import { createRounds, SHARE } from "./rounds.ts";
import { createLooks, workWith } from "./sight.ts";
import { countAnswer, isJoined, isOpen, type JoinedSubscriber, lacksMuch, type Subscriber } from "./subscriber.ts";
import type { Subscribers } from "./subscribers.ts";
import { mayLoseAnswers, rejectNow } from "./telling.ts";

/** What subscribers send, in the turn of each. */
export interface Receiving {
  /** A frame from a subscriber; null stands for one that is not text. */
  receive(from: Subscriber, frame: string | null, now: number): void;
  /** Whether something waits for a later round, and how many characters that takes. */
  readonly waiting: boolean;
  readonly characters: number;
  /** Whether who calls has to wait for the next round, as others have something to do in this one. */
  mustWait(who: string): boolean;
  /** Counts work that was done for a call. */
  charge(who: string, work: number): void;
  /** A new round: everyone has a share again. */
  beginRound(): void;
  /** Does what has waited, as much as a round takes. */
  work(now: number): void;
  /** What has been sent and not decided: what is being decided first of all. */
  undecided(): Item[];
  /** What somebody has sent and waits is not done any more. */
  drop(from: Subscriber): void;
  /** The document leaves memory: what waits is not answered. */
  forget(): void;
}

interface ReceivingSetup {
  readonly documentId: string;
  readonly costs: Costs;
  readonly opening: Opening;
  readonly subscribers: Subscribers;
  readonly admission: Admission;
  commit(now: number): void;
}

/**
 * A frame, of which so many mutations are decided already, or what is left of one, parsed; its sender may be gone by its turn, and
 * what it has sent counts all the same.
 */
export type Item = { readonly from: Subscriber } & (
  | { readonly frame: string; readonly done: number }
  | { readonly from: JoinedSubscriber; readonly rest: Rest }
  /** It is sent what it lacks. */
  | { readonly from: JoinedSubscriber; readonly lacks: true }
);

/** What is left of a large frame; its mutations are text until their turn. */
interface Rest {
  readonly frame: string;
  /** How many of its mutations are decided. */
  readonly done: number;
  readonly mutations: EnclosedMutations;
}

/** In the unit of `Meter`: to parse and decode a character, and to answer anything at all. */
const CHARACTER = 2;
/** To find where the mutations of a large frame are. */
const SPLIT = 1 / 4;
const MESSAGE = 256;
const MUTATION = 128;
/** To verify a signature: 1 ms. */
const VERIFYING = 64 * 1024;
/** So many characters of events wait for their commit at most, and are in memory. */
const COMMITTED_AT = 4 * 1024 * 1024;

export function createReceiving(setup: ReceivingSetup): Receiving {
  const { documentId, opening, subscribers, admission, costs, commit } = setup;
  const rounds = createRounds<Item>();
  /** What is being decided, for who asks because that has thrown. */
  let deciding: Item | null = null;

  const setPresence = (from: JoinedSubscriber, data: Json) => {
    const refused = subscribers.presence.show(from, data);
    if (refused && isOpen(from.joined.flow)) subscribers.send(from, refusedFrame(from, refused));
  };

  /** Nothing may wait for its commit. Who lacks more than a little has it in turns with all others who do. */
  const pump = (to: JoinedSubscriber, stored: StoredDocument, now: number) => {
    if (rounds.busy && lacksMuch(to)) pumpLater(to);
    else pumpNow(to, stored, now);
  };
  const pumpNow = (to: JoinedSubscriber, stored: StoredDocument, now: number) => {
    const goesOn = (sent: number) => {
      rounds.charge(reading(to), sent);
      return !rounds.hasHad(reading(to));
    };
    if (!subscribers.pump(to, stored, now, goesOn)) pumpLater(to);
  };
  const pumpLater = (to: JoinedSubscriber) => rounds.putBack(reading(to), { from: to, lacks: true }, 0);
  const debtor = ({ principal, joined }: JoinedSubscriber) => debtorOf(principal, `client:${joined.client}`);
  /** Tells the author of a mutation to send it, and what follows it, again after a while. */
  const tellToWait = (from: JoinedSubscriber, mutation: number, retryAfter: number) => {
    from.joined.waitsFor = mutation;
    subscribers.save(from);
    // Else it is told with its next answer to a sync.
    if (isOpen(from.joined.flow)) rejectNow(subscribers, from, mutation, tooMuch(retryAfter));
  };
  /** What is parsed may take many times its text (`[],[],…`), so it does not wait: a small frame is parsed again in each of its turns. */
  const putBack = (from: JoinedSubscriber, rest: Rest) => {
    const { frame, done } = rest;
    rounds.putBack(from.id, isLarge(frame) ? { from, rest } : { from, frame, done }, frame.length);
  };
  /** Whether a mutation is passed over, as an earlier one has to come first. */
  const isAhead = ({ joined }: JoinedSubscriber, mutation: number, answered: number) =>
    joined.waitsFor !== undefined && answered < joined.waitsFor && mutation > joined.waitsFor;
  /** Decides mutations as long as it is their author's turn; the rest waits. */
  const mutate = (from: JoinedSubscriber, rest: Rest, now: number) => {
    const { stored, waiting } = opening.findOrCreate(now);
    const { client } = from.joined;
    let { owed } = from.joined;
    const who = debtor(from);
    const looks = createLooks();
    const { frame, mutations } = rest;
    const sent = frame.length / mutations.length;
    const toParse = isLarge(frame) ? sent * CHARACTER : 0;
    for (let index = rest.done; index < mutations.length; index++) {
      if (index > rest.done && rounds.hasHad(from.id)) {
        putBack(from, { ...rest, done: index });
        break;
      }
      const enclosed = mutations.at(index);
      if (!enclosed.ok) return subscribers.fail(from, enclosed.problem.code, enclosed.problem.message);
      // What a frame changes may be more than memory holds (B30), or than is good to commit at once (B2).
      if (stored.heavy || waiting.logged >= COMMITTED_AT) commit(now);
      const { mutation } = enclosed.value;
      const answered = stored.clients.get(client)?.mutation ?? 0;
      if (mutation <= answered) {
        owed = owe(owed, mutation);
        continue;
      }
      // Not by the connection alone: who has left since was not reached by a revocation.
      const admitted = admission.admit(from.principal, "mutate", now);
      if (!admitted.ok) {
        if (!rejectNow(subscribers, from, mutation, admitted.problem)) return;
        continue;
      }
      const principal = admitted.value;
      if (isAhead(from, mutation, answered)) continue;
      const wait = costs.waitFor(who, now);
      if (wait > 0) {
        tellToWait(from, mutation, wait);
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
        : waiting.submit({ ...decoded, principal, client }, looks, now);
      const isFull = !outcome.ok && outcome.problem.code === "full";
      if (isFull && !rejectNow(subscribers, from, mutation, outcome.problem)) return;
      const cost = { work: MUTATION + toParse + workWith(looks) - work, logged: looks.logged - logged, sent };
      rounds.charge(from.id, cost.work);
      costs.charge(who, cost, now);
    }
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

  const joining = {
    ...{ documentId, opening, subscribers, admission, commit, pump },
    // It is told how far it was answered, and what waits of it would come behind that.
    forget: (client: string) => rounds.drop(({ from }) => from.joined?.client === client),
  };

  const take = (from: Subscriber, frame: string, done: number, now: number) => {
    rounds.charge(from.id, MESSAGE + frame.length * (isLarge(frame) ? SPLIT : CHARACTER));
    const opened = openFrame(frame);
    if (!opened.ok) return subscribers.fail(from, opened.problem.code, opened.problem.message);
    if (opening.importing) return subscribers.fail(from, "unavailable", "an import is under way; try again");
    // A document that was in memory alone may be gone, and with it everyone's place in it.
    if (isJoined(from) && opening.find()?.stored.incarnation !== from.joined.incarnation) return;
    const message = opened.value;
    // Who has left meanwhile has sent its mutations all the same.
    if (!subscribers.get(from.id) && message.type !== "mutate") return;
    if (message.type === "join") return join(joining, from, message, now);
    if (!isJoined(from)) return subscribers.fail(from, "protocol", "join comes first");
    switch (message.type) {
      case "mutate":
        return mutate(from, { frame, done, mutations: message.mutations }, now);
      case "presence":
        return setPresence(from, message.data);
      case "sync": {
        const { flow } = from.joined;
        if (message.n > flow.asked) return subscribers.fail(from, "protocol", `sync ${message.n} was never sent`);
        if (!countAnswer(flow, message.n)) return;
        if (from.joined.feed.is !== "live") from.joined.feed = { ...from.joined.feed, since: null };
        subscribers.save(from);
        commit(now);
        pump(from, opening.findOrCreate(now).stored, now);
        const { waitsFor } = from.joined;
        if (waitsFor !== undefined) tellToWait(from, waitsFor, Math.max(1, costs.waitFor(debtor(from), now)));
        return;
      }
      case "auth":
        rounds.charge(from.id, VERIFYING);
        return admission.verify(from, message.token, now);
      case "leave":
        return subscribers.close(from, 1000, "left");
      default:
        return assertNever(message);
    }
  };

  const decide = (item: Item, now: number) => {
    deciding = item;
    if ("frame" in item) take(item.from, item.frame, item.done, now);
    else if ("rest" in item) mutate(item.from, item.rest, now);
    else {
      commit(now);
      const stored = opening.known()?.stored;
      if (stored) pumpNow(item.from, stored, now);
    }
    deciding = null;
  };

  return {
    get waiting() {
      return rounds.waiting;
    },
    get characters() {
      return rounds.characters;
    },
    receive(from, frame, now) {
      if (frame === null) return subscribers.fail(from, "protocol", "frames are text");
      rounds.arrive(now);
      const item = { from, frame, done: 0 };
      // What is too large need not wait to be told so; what takes more than a little waits with all others that wait.
      const mayWait = frame.length <= LIMITS.frameBytes;
      const takesMuch = !isJoined(from) || frame.length * CHARACTER > SHARE;
      const mustWait = rounds.mustWait(from.id) || (rounds.busy && takesMuch);
      if (!mayWait || !mustWait) return decide(item, now);
      const most = rounds.put(from.id, item, frame.length);
      const gone = most === null ? undefined : subscribers.get(most);
      if (gone) subscribers.fail(gone, "rateLimited", "too much was sent ahead of its answers");
    },
    beginRound: rounds.begin,
    mustWait: (who) => rounds.hasHad(who) && !rounds.isAlone(who),
    charge: rounds.charge,
    undecided: () => [...(deciding ? [deciding] : []), ...rounds.all()],
    drop: (from) => rounds.drop((item) => item.from === from),
    forget: rounds.clear,
    work(now) {
      for (let next = rounds.take(); next; next = rounds.take()) decide(next, now);
    },
  };
}

/** In a round: what it sends need not wait for what it is sent. */
function reading({ id }: Subscriber): string {
  return `to ${id}`;
}

/** Who owes what a mutation costs others: a user, whatever its connections; else who says that it is somebody. */
export function debtorOf({ user }: Principal, name: string): string {
  return user ? `user:${user.id}` : name;
}

/** Why it is not decided yet. */
export function tooMuch(retryAfter: number): Problem {
  return { code: "rateLimited", message: "others have waited, or stored, too much because of it", retryAfter };
}
