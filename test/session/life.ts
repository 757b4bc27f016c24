import type { OptionsInput } from "../../src/protocol/index.ts";
import type { Info } from "../../src/session.ts";
import type { NodeData } from "../../src/tree/index.ts";
import { insert, item } from "../tree/document.ts";
import { openRoom, type Room, type Visitor } from "./room.ts";
import { createServer } from "./server.ts";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** A document with these options, `root` and `a` in it. */
export function begin(options: OptionsInput = {}, tree: NodeData = item("root", item("a"))): Room {
  const server = createServer();
  const created = server.ask((calls, now) => calls.getOrStart({ tree, options }, now));
  if (!created?.ok) throw new Error("the document was not created");
  return openRoom(undefined, server);
}

export function infoOf({ server }: Room): Info {
  const info = server.ask((calls, now) => calls.info(now));
  if (!info?.ok) throw new Error("there is no document");
  return info.value;
}

export function configure({ server }: Room, options: OptionsInput): Info {
  const changed = server.ask((calls, now) => calls.configure(options, now));
  if (!changed?.ok) throw new Error("the options were refused");
  return changed.value;
}

/** A checkpoint, now: every change of the options makes one. */
export function checkpointNow(room: Room): Info {
  return configure(room, { gracePeriod: infoOf(room).options.gracePeriod + 1 });
}

/** The checkpoint's seq as it is stored. */
export function storedSeq({ server }: Room): number {
  const [row] = server.sql.exec("SELECT value FROM meta WHERE key = 'checkpoint'");
  const checkpoint: { seq: number } = JSON.parse(String(row?.value));
  return checkpoint.seq;
}

/** The seqs that the log has. */
export function loggedSeqs({ server }: Room): number[] {
  const rows = server.sql.exec("SELECT first, last FROM events WHERE part = 0 ORDER BY first");
  return rows.flatMap(({ first, last }) =>
    Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index),
  );
}

/** Milliseconds until the alarm, or null. */
export function alarmIn({ server }: Room): number | null {
  return server.alarm === null ? null : server.alarm - server.now;
}

/** Lets the window close and the object fall asleep: memory is lost, sockets are kept. */
export function evict(room: Room): void {
  room.settle();
  room.server.evict();
}

/** Milliseconds between one alarm and the next, as long as they come within `time`. */
export function pausesOf(room: Room, time: number): number[] {
  const until = room.server.now + time;
  const pauses: number[] = [];
  for (let next = alarmIn(room); next !== null && room.server.now + next <= until; next = alarmIn(room)) {
    pauses.push(next);
    room.wait(next);
  }
  return pauses;
}

/** The visitor pings; that wakes nobody. */
export function ping({ server }: Room, visitor: Visitor): void {
  server.pings.set(visitor.id, server.now);
}

/** From now on its pings come as they should, however much time passes. */
export function pingsOn({ server }: Room, visitor: Visitor): Visitor {
  server.pings.set(visitor.id, Number.POSITIVE_INFINITY);
  return visitor;
}

export type Notice = readonly [what: string, notice: (room: Room, ann: Visitor) => void];

/** Ways in which an object may come to notice that it has lost a document which "ann" (`s1`) and "bob" (`s2`) had joined. */
export const NOTICES: readonly Notice[] = [
  ["an alarm", (room) => room.wait(HOUR)],
  ["someone who connects", (room) => void room.connect()],
  ["someone who joins", (room) => void room.join("eve")],
  ["someone who leaves", (room) => room.server.gone("s2")],
  ["a message", (_, ann) => ann.send({ type: "presence", data: 1 })],
  ["a mutation", (_, ann) => ann.mutate(insert("c", "root"))],
];
