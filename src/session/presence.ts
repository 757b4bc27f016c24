import {
  byteLength,
  encode,
  failure,
  LIMITS,
  type PresenceEntry,
  type Problem,
  presenceFrame,
  type ServerMessage,
  type SubscriberId,
} from "../protocol/index.ts";
import type { Json } from "../tree/index.ts";
import { isJoined, isOpen, type JoinedSubscriber, type Missed, presenceOf, type Subscriber } from "./subscriber.ts";

/**
 * Who is present, and who was told. All changes stand in one order, each subscriber once, at its latest: who has been told up
 * to a place in it lacks what stands behind that, whatever has changed how often. Those who hear all are told together, at
 * most every 50 ms; who does not read remembers its place alone, and goes on from there, in parts, as it answers.
 */
export interface Presence {
  /** Takes what somebody shows; or says why not, and then what it has shown before stands. */
  show(from: JoinedSubscriber, data: Json): Problem | null;
  /** Who has left shows nothing any more. */
  gone(subscriber: Subscriber): void;
  /** The first part of it for a newcomer, for its welcome. */
  welcome(to: JoinedSubscriber): PresenceMap;
  /** Sends a subscriber what it lacks, as far as it may hear it. */
  catchUp(to: JoinedSubscriber): void;
  /** Milliseconds until `tell` is to be called, or null where nothing waits to be told. */
  untilTold(now: number): number | null;
  /** Tells the next part of what has changed to all who hear it, if it is time for that. */
  tell(now: number): void;
}

export type PresenceMap = Extract<ServerMessage, { type: "welcome" }>["presence"];

/** A subscriber's latest change. */
interface Change {
  readonly at: number;
  /** How it stands in a frame, once it was told. */
  text: string | null;
}

/** What presence needs of the connections. */
interface PresenceContext {
  get(id: SubscriberId): Subscriber | undefined;
  joined(): JoinedSubscriber[];
  send(to: JoinedSubscriber, text: string): void;
  sendAll(to: readonly JoinedSubscriber[], text: string): void;
  save(subscriber: Subscriber): void;
}

/** Milliseconds from one broadcast to the next, at least. The timer for it ends with it, so it keeps no object awake for longer. */
const EVERY = 50;
/**
 * What presence may take of what an object can send, about a quarter (60 000 small frames a second leave one, measured): frames
 * in a millisecond, and bytes in a broadcast to all who hear it, as long as that is more than the least.
 */
const TOLD_IN_A_MS = 20;
const BROADCAST_BYTES = 8 * 1024 * 1024;
const LEAST_BYTES = 8 * 1024;
/** With so many syncs unanswered presence waits: it must not be what holds back the document. */
const SYNCS = LIMITS.syncsUnanswered / 2;
/** For what takes no more there is room kept, so the rest is for what takes more. */
const FOR_LARGE = LIMITS.presenceTotalBytes - LIMITS.subscribers * LIMITS.presenceShareBytes;
/** Those who left are remembered for who was told of them, but not more of them and the present than this. */
const MOST = 2 * LIMITS.subscribers;
const FRAME = presenceFrame([], true).length;

export function createPresence(restored: Iterable<Subscriber>, context: PresenceContext): Presence {
  const { get, joined, send, sendAll, save } = context;
  /** The place of each change, in this order; of those who are present, and of those who are not any more. */
  const order = new Map<SubscriberId, Change>();
  /** Nothing stands at 1, and who was told nothing has been told up to 0. */
  let last = 1;
  /** All who hear it have been told up to here. */
  let told = last;
  let toldAt: number | null = null;
  let pause = EVERY;
  let large = 0;

  const present = [...restored].filter(isJoined);
  // Places are saved with what stands at them, so they mean the same after a hibernation. Who has left since a subscriber was
  // told of it is known by nobody any more: all of it anew. That cannot go on for ever by itself, as it takes one more to leave.
  for (const { joined: each } of present) {
    if (each.misses?.lost) each.misses = { upTo: 0, lost: false };
    last = Math.max(last, each.misses?.upTo ?? 0, each.presence?.at ?? 0);
    large += largeOf(each.presence?.bytes);
  }
  const places = present.flatMap(({ id, joined: { presence } }) => (presence ? [{ id, at: presence.at }] : []));
  for (const { id, at } of places.sort((a, b) => a.at - b.at)) order.set(id, { at, text: null });
  told = last;

  const entryOf = (id: SubscriberId): PresenceEntry | null => {
    const subscriber = get(id);
    return subscriber ? presenceOf(subscriber) : null;
  };
  const move = (id: SubscriberId) => {
    order.delete(id);
    order.set(id, { at: ++last, text: null });
  };
  /** What stands behind a place, as much as goes into a frame; for who was told of nobody without those who have left. */
  const partAfter = (upTo: number, begins: boolean, most: number = LIMITS.partBytes) => {
    const texts: string[] = [];
    const entries: [SubscriberId, PresenceEntry | null][] = [];
    let [bytes, reached, whole] = [FRAME, upTo, true];
    for (const [id, change] of order) {
      if (change.at <= upTo) continue;
      const entry = entryOf(id);
      if (entry || !begins) {
        change.text ??= `${JSON.stringify(id)}:${JSON.stringify(entry)}`;
        bytes += byteLength(change.text) + 1;
        whole = texts.length === 0 || bytes <= most;
        if (!whole) break;
        texts.push(change.text);
        entries.push([id, entry]);
      }
      reached = change.at;
    }
    return { texts, entries, reached, whole };
  };
  const mayHear = ({ joined: { feed, flow } }: JoinedSubscriber) =>
    feed.is === "live" && isOpen(flow) && flow.unanswered.length < SYNCS;
  const untilTold = (now: number) => {
    if (told === last) return null;
    // A clock that was set back must not make it wait.
    return toldAt === null || now < toldAt ? 0 : Math.max(0, toldAt + pause - now);
  };
  /** Who has left is forgotten when there are too many; who was not told of them then gets all of it anew. */
  const forget = () => {
    let forgotten = 0;
    for (const [id, { at }] of order) {
      if (at > told || entryOf(id)) continue;
      order.delete(id);
      forgotten = at;
    }
    for (const each of joined()) {
      if (!each.joined.misses || each.joined.misses.upTo >= forgotten) continue;
      each.joined.misses = { upTo: 0, lost: false };
      save(each);
    }
  };

  return {
    show(from, data) {
      const before = from.joined.presence;
      const bytes = byteLength(JSON.stringify(data));
      const more = (data === null ? 0 : largeOf(bytes)) - largeOf(before?.bytes);
      if (more > 0 && large + more > FOR_LARGE) return TOO_LARGE.problem;
      large += more;
      move(from.id);
      from.joined.presence = data === null ? null : { data, at: last, bytes };
      return null;
    },
    gone({ id, joined: was }) {
      if (!was?.presence) return;
      large -= largeOf(was.presence.bytes);
      move(id);
    },
    welcome(to) {
      const { entries, reached, whole } = partAfter(0, true);
      to.joined.misses = whole ? null : { upTo: reached, lost: false };
      return Object.fromEntries(entries.flatMap(([id, entry]) => (entry ? [[id, entry]] : [])));
    },
    catchUp(to) {
      if (!to.joined.misses || !mayHear(to)) return;
      while (to.joined.misses && mayHear(to)) {
        const { upTo, lost }: Missed = to.joined.misses;
        const begins = upTo === 0;
        const { texts, reached, whole } = partAfter(upTo, begins);
        to.joined.misses = whole ? null : { upTo: reached, lost };
        if (texts.length > 0 || begins) send(to, presenceFrame(texts, begins));
      }
      save(to);
    },
    untilTold,
    tell(now) {
      if (untilTold(now) !== 0) return;
      toldAt = now;
      const from = told;
      const all = joined();
      const hear = all.filter((each) => !each.joined.misses && mayHear(each));
      pause = Math.max(EVERY, Math.ceil(hear.length / TOLD_IN_A_MS));
      const most = Math.max(LEAST_BYTES, Math.min(LIMITS.partBytes, Math.floor(BROADCAST_BYTES / hear.length)));
      const { texts, entries, reached } = partAfter(from, false, most);
      told = reached;
      const leave = entries.some(([, entry]) => entry === null);
      const hearing = new Set(hear);
      for (const each of all) {
        if (hearing.has(each)) continue;
        const { misses } = each.joined;
        const lost = leave || misses?.lost === true;
        if (misses && lost === misses.lost) continue;
        each.joined.misses = { upTo: misses?.upTo ?? from, lost };
        save(each);
      }
      // A hundred changes of one are saved once.
      for (const [id] of entries) {
        const changed = get(id);
        if (changed) save(changed);
      }
      if (hear.length > 0) sendAll(hear, presenceFrame(texts, false));
      if (order.size > MOST) forget();
    },
  };
}

function largeOf(bytes = 0): number {
  return bytes > LIMITS.presenceShareBytes ? bytes : 0;
}

const TOO_LARGE = failure(
  "tooLarge",
  `all present show too much together: at most ${LIMITS.presenceShareBytes} bytes, or try again later`,
);

/** Tells somebody that what it wants to show is not shown, and what is. */
export function refusedFrame({ id, ...more }: JoinedSubscriber, { code, message }: Problem): string {
  return encode({ type: "presence", changes: { [id]: presenceOf({ id, ...more }) }, refused: { code, message } });
}
