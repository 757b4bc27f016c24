import type { ServerMessage } from "../../src/protocol/index.ts";
import type { Changes } from "../../src/text/index.ts";
import type { Mutation, Typists } from "../load/protocol.ts";
import { type Desk, rowOf } from "./keys.ts";

/** Where a text is: each row is a node with this attribute. */
export const ATTR = "text";

const DELTA = '{"type":"delta"';

/** Somebody's caret in the document as everybody knows it, and what was typed since that nobody has said yes to. */
interface Typist {
  readonly row: string;
  caret: number;
  /** By how much each unanswered key moves the caret. */
  readonly unanswered: number[];
  counter: number;
  /** The last key was no backspace. */
  goesOn: boolean;
}

/** Writes the keys of people as our client does: with the seq that it had heard, and a mark where one goes on. */
export function typists(clients: readonly string[], { rows, carets }: Desk): Typists {
  const crew = carets.map(({ row, index }): Typist => {
    return { row: rowOf(row), caret: index, unanswered: [], counter: 0, goesOn: false };
  });
  const byClient = new Map(clients.map((client, typist) => [client, crew[typist]]));
  let seq = rows.length > 0 ? 1 : 0;

  const fill: Mutation = rows.map((text, row) => {
    const node = { id: rowOf(row), type: "row", attrs: { [ATTR]: text } };
    return { op: "insert", node, parent: "root", after: null };
  });
  const apply = (author: Typist | undefined, row: string, changes: Changes) => {
    for (const typist of crew) if (typist.row === row) typist.caret = carried(typist.caret, changes, typist === author);
  };

  return {
    fill: rows.length > 0 ? [mutate(1, undefined, fill)] : [],
    press(typist, key) {
      const who = crew[typist];
      if (!who) throw new Error(`nobody is typist ${typist}`);
      const at = who.unanswered.reduce((sum, by) => sum + by, who.caret);
      const changes = key === null ? [at - 1, -1] : who.goesOn ? [at, 0, key] : [at, key];
      who.unanswered.push(key === null ? -1 : 1);
      who.goesOn = key !== null;
      who.counter++;
      return mutate(who.counter, seq, [{ op: "edit", id: who.row, attr: ATTR, changes }]);
    },
    hear(frame) {
      if (frame.toString("latin1", 0, DELTA.length) !== DELTA) return;
      const message: Extract<ServerMessage, { type: "delta" }> = JSON.parse(frame.toString());
      for (const event of message.events) {
        if (event.seq <= seq) continue;
        seq = event.seq;
        const author = byClient.get(event.client ?? "");
        author?.unanswered.shift();
        for (const effect of event.ops) if (effect.op === "edit") apply(author, effect.id, effect.changes);
      }
    },
  };
}

function mutate(mutation: number, base: number | undefined, ops: Mutation): string {
  return JSON.stringify({ type: "mutate", mutations: [{ mutation, base, ops }] });
}

/** Where a caret is after changes; behind what is inserted right at it where that is one's own. */
function carried(caret: number, changes: Changes, isOwn: boolean): number {
  let [at, moved] = [0, caret];
  for (const change of changes) {
    if (at > moved) break;
    if (typeof change === "string") {
      if (at < moved || isOwn) moved += change.length;
      at += change.length;
    } else if (change >= 0) at += change;
    else moved -= Math.min(-change, Math.max(0, moved - at));
  }
  return moved;
}
