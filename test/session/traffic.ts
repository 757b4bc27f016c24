import { expect } from "vitest";
import { byteLength, LIMITS } from "../../src/protocol/index.ts";
import { update } from "../tree/document.ts";
import type { Room, Visitor } from "./room.ts";

export const KiB = 1024;

/** Each text is another one than the last: what changes nothing is no commit. */
let letters = 0;

/** A commit whose delta frame takes about this many bytes. The document has a node `a`. */
export function commit(room: Room, bytes: number): void {
  const letter = "abcdefghijklmnopqrstuvwxyz".charAt(letters++ % 26);
  room.call(update("a", { text: letter.repeat(bytes) }));
}

/** Commits until a visitor, who answers no sync, may be sent no more; one commit is owed to it then. */
export function stall(room: Room, visitor: Visitor): void {
  for (let each = 0; each < 5; each++) commit(room, 300 * KiB);
  const syncs = visitor.hearShort().filter((short) => short.startsWith("sync"));
  expect(syncs).toEqual(["sync 1", "sync 2", "sync 3", "sync 4"]);
}

/** Leaves a visitor three syncs unanswered, and so near the fourth that hardly more than an answer is missing. */
export function nearlyStall(room: Room, visitor: Visitor, other: Visitor): void {
  for (let each = 0; each < 3; each++) commit(room, 300 * KiB);
  visitor.hear();
  other.send({ type: "sync", n: 3 });
  // Opens a window, so that what comes next is committed together.
  other.mutate(update("a", { text: "" }));
  commit(room, 10);
  const sent = visitor.hearTexts().map(byteLength);
  const overhead = (sent.at(-1) ?? 0) - 10;
  const left = LIMITS.syncBytes - sent.reduce((sum, each) => sum + each, 0);
  commit(room, left - overhead - 20);
}

/** The seqs of the events that a visitor has come to hear. */
export function eventsOf(visitor: Visitor): number[] {
  const messages = visitor.hear();
  return messages.flatMap((message) => (message.type === "delta" ? message.events.map(({ seq }) => seq) : []));
}
