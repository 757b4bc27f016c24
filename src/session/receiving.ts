import { isLarge, LIMITS, openFrame } from "../protocol/index.ts";
import type { StoredDocument } from "../storage.ts";
import { assertNever, type Json } from "../tree/index.ts";
import type { Admission } from "./admission.ts";
import type { Costs } from "./costs.ts";
import { join } from "./joining.ts";
import { CHARACTER, mutate, type Rest, tellAgain } from "./mutating.ts";
import type { Opening } from "./opening.ts";
import { refusedFrame } from "./presence.ts";
import { createRounds, SHARE } from "./rounds.ts";
import { countAnswer, isJoined, isOpen, type JoinedSubscriber, lacksMuch, type Subscriber } from "./subscriber.ts";
import type { Subscribers } from "./subscribers.ts";

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

/** In the unit of `Meter`: to answer anything at all. */
const MESSAGE = 256;
/** To find where the mutations of a large frame are, a character. */
const SPLIT = 1 / 4;
/** To verify a signature: 1 ms. */
const VERIFYING = 64 * 1024;

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
  /** What is parsed may take many times its text (`[],[],…`), so it does not wait: a small frame is parsed again in each of its turns. */
  const putBack = (from: JoinedSubscriber, rest: Rest) => {
    const { frame, done } = rest;
    rounds.putBack(from.id, isLarge(frame) ? { from, rest } : { from, frame, done }, frame.length);
  };
  const mutating = { opening, subscribers, admission, costs, rounds, commit, pump, putBack };
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
        return mutate(mutating, from, { frame, done, refused: message.refused, mutations: message.mutations }, now);
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
        return tellAgain(mutating, from, now);
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
    else if ("rest" in item) mutate(mutating, item.from, item.rest, now);
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
