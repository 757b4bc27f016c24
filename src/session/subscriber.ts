import {
  LIMITS,
  type PresenceEntry,
  type Principal,
  parseJson,
  type Role,
  type SubscriberId,
} from "../protocol/index.ts";
import type { Tally } from "../storage.ts";
import type { Json } from "../tree/index.ts";
import type { Owed } from "./owed.ts";

/**
 * What a subscriber is being sent. `live`: every frame as it comes. `log`: it is behind, and gets the events after
 * `seq` and its own rejections after the counter `mutation` as fast as it answers syncs. `snapshot`: the tree first,
 * then the log from there. `since` is when it stopped answering, or null while it answers; `overtaken` how often in a row the
 * snapshot has begun anew because too much had changed.
 */
export type Feed =
  | { readonly is: "live" }
  | { readonly is: "log"; readonly seq: number; readonly mutation: number; readonly since: number | null }
  | {
      readonly is: "snapshot";
      readonly mutation: number;
      readonly since: number | null;
      readonly overtaken?: number | undefined;
    };

/** Flow control of one socket: bytes since the last sync, the number of that, and what each unanswered one stands for. */
export interface Flow {
  bytes: number;
  asked: number;
  unanswered: readonly number[];
}

export interface Joined {
  readonly client: string;
  /** Of the document that it joined. */
  readonly incarnation: string;
  presence: Shown | null;
  readonly flow: Flow;
  feed: Feed;
  /** It still holds what was removed after this seq, and has nothing that was removed before; null: it keeps nothing removed. */
  keeps: number | null;
  /** What others have typed meanwhile may come to it as one event. */
  readonly runs?: true | undefined;
  /** Counters it has sent again and that wait for their first answer. */
  owed: Owed;
  /** It is not told changes of presence as they come; null: it is. */
  misses: Missed | null;
  /** This counter was told to wait: until it comes again, higher ones are passed over. */
  waitsFor?: number | undefined;
  /** This counter was refused: until its author says that he knows, higher ones are passed over. */
  holds?: number | undefined;
}

/** What a subscriber shows the others of itself: its size as JSON, and its place in the order of all such changes. */
export interface Shown {
  readonly data: Json;
  readonly at: number;
  readonly bytes: number;
}

/** How far somebody was told of presence in that order, and whether one of those that it was told of may have left since. */
export interface Missed {
  readonly upTo: number;
  readonly lost: boolean;
}

/** One connection. Plain data: it is what survives hibernation, in the socket's attachment. */
export interface Subscriber {
  readonly id: SubscriberId;
  /** Who it is, and what it may now. */
  principal: Principal;
  /** The role that its token says, where less is left of it. */
  given?: Role | undefined;
  /** The most that is left to this connection, where an admin has said so. */
  most?: Role | undefined;
  /** When it connected. */
  readonly since: number;
  /** When something has come from it, to the minute: to save each frame's time would be work for each frame. */
  heard: number;
  joined: Joined | null;
  /** Wake-ups of the object that are stored nowhere else. */
  tally?: Readonly<Tally>;
}

export type JoinedSubscriber = Subscriber & { joined: Joined };

export function isJoined(subscriber: Subscriber): subscriber is JoinedSubscriber {
  return subscriber.joined !== null;
}

/** Whether there may be more that it was not sent than answers. */
export function lacksMuch({ joined: { feed, misses } }: JoinedSubscriber): boolean {
  return feed.is !== "live" || misses !== null;
}

/** Whether a socket may be sent more. A frame can be worth many syncs, so bytes count as well. */
export function isOpen({ unanswered }: Flow): boolean {
  let bytes = 0;
  for (const each of unanswered) bytes += each;
  return unanswered.length < LIMITS.syncsUnanswered && bytes < LIMITS.unansweredBytes;
}

/** Counts what was sent; returns the number of the sync that is due now, or null. */
export function countSent(flow: Flow, bytes: number): number | null {
  flow.bytes += bytes;
  return flow.bytes < LIMITS.syncBytes ? null : nextSync(flow);
}

/** The number of the next sync, which stands for all that was sent since the last one. */
export function nextSync(flow: Flow): number {
  flow.unanswered = [...flow.unanswered, flow.bytes];
  flow.bytes = 0;
  flow.asked++;
  return flow.asked;
}

/** How old what is known of when somebody was heard may be. Milliseconds. */
const HEARD_STEP = 60_000;

/** Whether nobody has been heard of for so long that the next sign of life has to be noted, or asked for. */
export function isQuiet({ heard }: Subscriber, now: number): boolean {
  return now - heard >= HEARD_STEP;
}

/** Counts an answer, which stands for all syncs up to it; false if it was counted already. */
export function countAnswer(flow: Flow, n: number): boolean {
  const answers = n - (flow.asked - flow.unanswered.length);
  if (answers <= 0) return false;
  flow.unanswered = flow.unanswered.slice(answers);
  return true;
}

export function presenceOf({ principal, joined }: Subscriber): PresenceEntry | null {
  return joined?.presence ? { user: principal.user, data: joined.presence.data } : null;
}

/** The version of what stands in attachments: old and new code may see the same one across a deploy. */
const SAVED_VERSION = 5;

/** A subscriber as the text of a socket attachment (16 KiB at most; presence is the only part that can grow). */
export function saveSubscriber(subscriber: Subscriber): string {
  return JSON.stringify({ version: SAVED_VERSION, subscriber });
}

/** The subscriber of an attachment, or null if other code wrote it: its socket has to connect again. */
export function restoreSubscriber(saved: string): Subscriber | null {
  const parsed = parseJson(saved, "unavailable");
  if (!parsed.ok || !isSaved(parsed.value)) return null;
  return parsed.value.subscriber;
}

function isSaved(value: unknown): value is { subscriber: Subscriber } {
  return typeof value === "object" && value !== null && "version" in value && value.version === SAVED_VERSION;
}
