import {
  byteLength,
  ERRORS,
  type ErrorCode,
  encode,
  LIMITS,
  type Principal,
  type Role,
  type SubscriberId,
  type TreeEvent,
} from "../protocol/index.ts";
import type { StoredDocument } from "../storage.ts";
import { createAnswering } from "./answering.ts";
import { createExpiry, type Expiry } from "./expiry.ts";
import type { Snapshot } from "./parts.ts";
import { createPresence, type Presence } from "./presence.ts";
import { pump, startAnew } from "./pump.ts";
import { lacks, restoredSince } from "./restored.ts";
import {
  countSent,
  isJoined,
  isOpen,
  isQuiet,
  type JoinedSubscriber,
  nextSync,
  type Subscriber,
} from "./subscriber.ts";
import type { Turns } from "./turns.ts";

/** What a session asks the object to do for it, in this order. */
export type Delivery =
  | { readonly kind: "send"; readonly to: readonly SubscriberId[]; readonly text: string }
  | { readonly kind: "close"; readonly to: SubscriberId; readonly code: number; readonly reason: string }
  /** The subscriber's state changed and has to survive hibernation. */
  | { readonly kind: "save"; readonly subscriber: Subscriber }
  /** `verified` is to be called with what the token says. */
  | { readonly kind: "verify"; readonly from: SubscriberId; readonly token: string };

/** The connections of a document: who they are, and what each may still be sent. */
export interface Subscribers {
  readonly count: number;
  /** Whether as many have joined as may. */
  readonly full: boolean;
  get(id: SubscriberId): Subscriber | undefined;
  /** A new connection. Of too many that have not joined the oldest is closed: who joins at once is never kept out by them. */
  add(subscriber: Subscriber): void;
  /** It has joined. */
  admit(subscriber: JoinedSubscriber): void;
  remove(id: SubscriberId): Subscriber | undefined;
  all(): Subscriber[];
  joined(): JoinedSubscriber[];
  readonly anyJoined: boolean;
  readonly presence: Presence;
  send(to: Subscriber, text: string): void;
  /** Sends to everyone who is live; whoever is not will read it in the log. */
  broadcast(text: string): void;
  /** Those who are live and lack what these events restore get the tree anew instead of the events. */
  startAnew(document: StoredDocument, texts: readonly string[], told: Told): JoinedSubscriber[];
  /** Stops feeding those who owe too many syncs, and closes those who have for 30 s. Default: they were told everything. */
  settle(document: StoredDocument, now: number, told?: Told): void;
  /** Something has come from a subscriber. */
  hear(from: Subscriber, now: number): void;
  /** Asks somebody who has been quiet for a sign of life, by a sync ahead of its time: whoever is there answers it. */
  ask(quiet: JoinedSubscriber, now: number): void;
  /** Closes those who have not joined in time. */
  closeUnjoined(now: number): void;
  /** Sends a subscriber what it lacks, as far as it may be sent, or until `goesOn` says no; false: it has not come to the end. */
  pump(to: JoinedSubscriber, document: StoredDocument, now: number, goesOn?: (sent: number) => boolean): boolean;
  /** Whether a client id is that of another user. */
  belongsToAnother(client: string, principal: Principal, document: StoredDocument): boolean;
  /** Sends the error, closes the socket and forgets the subscriber. */
  fail(subscriber: Subscriber, code: ErrorCode, message: string): void;
  close(subscriber: Subscriber, code: number, reason: string): void;
  save(subscriber: Subscriber): void;
  readonly expiry: Expiry;
  /** What it may, or how long, is another from now on; its token says the role `given`. */
  become(subscriber: Subscriber, principal: Principal, given: Role): void;
  /** Has a token of somebody verified; the session is told what comes of it. */
  verify(subscriber: Subscriber, token: string): void;
  /** What is to be done, once. */
  take(): Delivery[];
}

/** How much everyone was told: up to which seq, and of whom from which counter on the answers are still to come. */
export interface Told {
  readonly seq: number;
  readonly unanswered: ReadonlyMap<string, number>;
}

/** What a wake-up counts for, and in which steps what was sent is saved. */
const WAKE_BYTES = 4 * 1024;
const SAVE_BYTES = 32 * 1024;

export function createSubscribers(restored: Iterable<Subscriber>, turns: Turns): Subscribers {
  const subscribers = new Map<SubscriberId, Subscriber>();
  for (const subscriber of restored) subscribers.set(subscriber.id, subscriber);
  /** Those who have not joined, the oldest first; sockets come back from a hibernation in any order. */
  const unjoined = new Set([...subscribers.values()].filter((each) => !isJoined(each)).sort(bySince));
  const expiry = createExpiry(() => subscribers.values());
  const snapshots = new Map<SubscriberId, Snapshot>();
  let outbox: Delivery[] = [];
  /** Those whose state has changed; however often in a turn, it is saved once. */
  let unsaved = new Set<Subscriber>();

  const joined = () => [...subscribers.values()].filter(isJoined);
  const save = (subscriber: Subscriber) => void unsaved.add(subscriber);

  // What was sent is saved in steps and not with every frame. Counting a little for every wake-up keeps a silent reader
  // from being sent less than a step after each for ever.
  for (const subscriber of joined()) {
    subscriber.joined.flow.bytes += WAKE_BYTES;
    save(subscriber);
  }

  const sendSync = (to: JoinedSubscriber, n: number) => {
    outbox.push({ kind: "send", to: [to.id], text: encode({ type: "sync", n }) });
    save(to);
  };
  const account = (to: JoinedSubscriber, bytes: number) => {
    const saved = Math.floor(to.joined.flow.bytes / SAVE_BYTES);
    const due = countSent(to.joined.flow, bytes);
    if (due === null) {
      if (Math.floor(to.joined.flow.bytes / SAVE_BYTES) > saved) save(to);
      return;
    }
    sendSync(to, due);
  };
  /** A commit on the way may have closed the very subscriber that it was made for. */
  const isGone = (subscriber: Subscriber) => subscribers.get(subscriber.id) !== subscriber;
  const send = (to: Subscriber, text: string) => {
    if (isGone(to)) return;
    outbox.push({ kind: "send", to: [to.id], text });
    if (isJoined(to)) account(to, byteLength(text));
  };
  const remove = (id: SubscriberId) => {
    const subscriber = subscribers.get(id);
    if (!subscriber) return undefined;
    subscribers.delete(id);
    expiry.left(subscriber);
    unjoined.delete(subscriber);
    snapshots.get(id)?.release();
    snapshots.delete(id);
    presence.gone(subscriber);
    return subscriber;
  };
  const close = (subscriber: Subscriber, code: number, reason: string) => {
    if (isGone(subscriber)) return;
    outbox.push({ kind: "close", to: subscriber.id, code, reason });
    remove(subscriber.id);
  };
  const fail = (subscriber: Subscriber, code: ErrorCode, message: string) => {
    send(subscriber, encode({ type: "error", code, message }));
    close(subscriber, ERRORS[code].close ?? ERRORS.protocol.close, message);
  };
  const countAnswered = (document: StoredDocument, client: string) => document.clients.get(client)?.mutation ?? 0;
  const answering = createAnswering({ turns, isGone, send, save });
  const sendAll = (to: readonly JoinedSubscriber[], text: string) => {
    outbox.push({ kind: "send", to: to.map(({ id }) => id), text });
    const bytes = byteLength(text);
    for (const subscriber of to) account(subscriber, bytes);
  };
  const presence = createPresence(subscribers.values(), {
    get: (id) => subscribers.get(id),
    joined,
    send,
    sendAll,
    save,
  });

  return {
    get count() {
      return subscribers.size;
    },
    get full() {
      return subscribers.size - unjoined.size >= LIMITS.subscribers;
    },
    get: (id) => subscribers.get(id),
    add: (subscriber) => {
      subscribers.set(subscriber.id, subscriber);
      expiry.added(subscriber);
      unjoined.add(subscriber);
      save(subscriber);
      for (const oldest of unjoined) {
        if (unjoined.size <= LIMITS.unjoined) break;
        fail(oldest, "tooMany", `no join came, and ${LIMITS.unjoined} others wait`);
      }
    },
    admit(subscriber) {
      unjoined.delete(subscriber);
      save(subscriber);
    },
    remove,
    all: () => [...subscribers.values()],
    joined,
    get anyJoined() {
      for (const { joined } of subscribers.values()) if (joined) return true;
      return false;
    },
    presence,
    send,
    broadcast(text) {
      const live = joined().filter((subscriber) => subscriber.joined.feed.is === "live");
      if (live.length > 0) sendAll(live, text);
    },
    startAnew(document, texts, { unanswered }) {
      const since = restoredSince(texts);
      if (since === null) return [];
      const lacking = joined().filter(({ joined: { feed, keeps } }) => feed.is === "live" && lacks(keeps, since));
      if (lacking.length === 0) return [];
      const committed = firstCounters(texts);
      for (const subscriber of lacking) {
        const { client } = subscriber.joined;
        const next = countAnswered(document, client) + 1;
        startAnew(subscriber, Math.min(committed.get(client) ?? next, unanswered.get(client) ?? next, next) - 1);
        save(subscriber);
      }
      return lacking;
    },
    settle(document, now, told) {
      for (const subscriber of joined()) {
        const { feed, flow, client } = subscriber.joined;
        if (feed.is === "live") {
          if (isOpen(flow)) continue;
          const unanswered = told?.unanswered.get(client);
          const mutation = unanswered === undefined ? countAnswered(document, client) : unanswered - 1;
          subscriber.joined.feed = { is: "log", seq: told?.seq ?? document.seq, mutation, since: now };
          save(subscriber);
        } else if (feed.since !== null && now - feed.since > LIMITS.syncTimeout) {
          fail(subscriber, "tooSlow", `${LIMITS.syncsUnanswered} syncs unanswered for ${LIMITS.syncTimeout} ms`);
        }
      }
    },
    hear(from, now) {
      if (!isQuiet(from, now)) return;
      from.heard = now;
      save(from);
    },
    ask(quiet, now) {
      const { flow } = quiet.joined;
      if (isQuiet(quiet, now) && isOpen(flow)) sendSync(quiet, nextSync(flow));
    },
    closeUnjoined(now) {
      for (const subscriber of unjoined) {
        if (now - subscriber.since > LIMITS.joinTimeout) fail(subscriber, "protocol", "no join came");
      }
    },
    pump(to, document, now, goesOn = () => true) {
      if (isGone(to)) return true;
      const { answer } = answering;
      return pump(to, document, now, { snapshots, send, save, fail, answer, tellPresence: presence.catchUp }, goesOn);
    },
    belongsToAnother(client, principal, document) {
      const user = principal.user?.id ?? null;
      const record = document.clients.get(client);
      if (record && record.user !== user) return true;
      // A client that has mutated nothing yet is known by its connection alone.
      return joined().some((other) => other.joined.client === client && (other.principal.user?.id ?? null) !== user);
    },
    fail,
    close,
    save,
    expiry,
    become(subscriber, principal, given) {
      expiry.left(subscriber);
      subscriber.principal = principal;
      subscriber.given = given === principal.role ? undefined : given;
      expiry.added(subscriber);
      save(subscriber);
    },
    verify: ({ id }, token) => void outbox.push({ kind: "verify", from: id, token }),
    take() {
      const taken = outbox;
      for (const subscriber of unsaved) if (!isGone(subscriber)) taken.push({ kind: "save", subscriber });
      outbox = [];
      unsaved = new Set();
      return taken;
    },
  };
}

function bySince(one: Subscriber, other: Subscriber): number {
  return one.since - other.since;
}

/** The first counter of each client among events. */
function firstCounters(texts: readonly string[]): Map<string, number> {
  const first = new Map<string, number>();
  for (const text of texts) {
    const { client, mutation }: TreeEvent = JSON.parse(text);
    if (client !== null && mutation !== null && !first.has(client)) first.set(client, mutation);
  }
  return first;
}
