import { byteLength, FRAME_LIMITS, type PresenceEntry, type ServerMessage, type User } from "../protocol/index.ts";
import type { Json } from "../tree/index.ts";
import type { Platform } from "./connection/platform.ts";

/** Another connection to the document, and what it tells of itself. Its data is as trustworthy as whoever sends it. */
export interface Other {
  readonly subscriber: string;
  readonly user: User | null;
  readonly data: Json;
  /** A CSS colour, the same for everyone who sees this user; for nobody in particular the same as long as the connection. */
  readonly color: string;
}

export interface Presence {
  /**
   * What the others are told of this connection; null: nothing. At most 4 KiB as JSON, else it throws. One frame each 50 ms. Where
   * all who are present show too much together the event `error` tells, and the others see what was set before.
   */
  set(data: Json): void;
  /** Everyone else who has told something. The same list as long as nothing changes; empty while not connected. */
  readonly others: readonly Other[];
}

type Changes = Readonly<Record<string, PresenceEntry | null>>;

export interface PresenceRoom extends Presence {
  /** What goes into a `join`. */
  readonly own: Json;
  welcome(message: Extract<ServerMessage, { type: "welcome" }>): void;
  hear(changes: Changes, reset: boolean): void;
  /** The connection is gone, and everyone with it. */
  gone(): void;
}

/** Milliseconds. */
const EVERY = 50;
/** The colour of a user or a connection, as CSS has it: a hue from the FNV-1a hash of its id. */
export function colorOf(id: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  return `hsl(${(hash >>> 0) % 360} 70% 42%)`;
}

export function createPresence(
  platform: Platform,
  send: (text: string) => void,
  changed: (others: readonly Other[]) => void,
): PresenceRoom {
  let own: Json = null;
  let self: string | null = null;
  let told: Json = null;
  let cooling = false;
  let others: readonly Other[] = [];
  const all = new Map<string, Other>();

  const publish = () => {
    others = Object.freeze([...all.values()]);
    changed(others);
  };
  const tell = () => {
    if (self === null || cooling || told === own) return;
    told = own;
    send(JSON.stringify({ type: "presence", data: own }));
    cooling = true;
    platform.after(EVERY, () => {
      cooling = false;
      tell();
    });
  };
  const apply = (changes: Changes, reset: boolean) => {
    let different = reset && all.size > 0;
    if (reset) all.clear();
    for (const [subscriber, entry] of Object.entries(changes)) {
      // Everyone is told of everyone, and so of oneself.
      const other = subscriber === self ? null : entry;
      if (!other && !all.has(subscriber)) continue;
      different = true;
      if (other) all.set(subscriber, { subscriber, ...other, color: colorOf(other.user?.id ?? subscriber) });
      else all.delete(subscriber);
    }
    if (different) publish();
  };
  return {
    get own() {
      told = own;
      return own;
    },
    get others() {
      return others;
    },
    set(data) {
      const text = JSON.stringify(data);
      if (byteLength(text) > FRAME_LIMITS.presenceBytes) {
        throw new RangeError(`presence takes at most ${FRAME_LIMITS.presenceBytes} bytes`);
      }
      own = JSON.parse(text);
      tell();
    },
    welcome({ subscriber, presence }) {
      self = subscriber;
      apply(presence, true);
      tell();
    },
    hear: apply,
    gone() {
      self = null;
      apply({}, true);
    },
  };
}
