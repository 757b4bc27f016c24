import type { ServerMessage, TreeEvent } from "../../src/protocol/index.ts";
import { applyEvent, checkTree, forgetRemoved, fromRows, type MapStore, type NodeRow } from "../../src/tree/index.ts";
import { outline } from "../tree/outline.ts";

/** The plainest replica there can be: what the server sent, applied in order. It complains where that has a gap (W8). */
export interface Replica {
  /** What it holds, and where a join may resume. */
  readonly incarnation: string | undefined;
  readonly seq: number;
  /** Whether it has everything that the last welcome announced. */
  readonly caughtUp: boolean;
  hear(message: ServerMessage): void;
  /** Throws before the first snapshot has arrived. */
  outline(): string;
  /** What is wrong with its tree; empty when all is well. */
  problems(): string[];
}

export function createReplica(): Replica {
  let incarnation: string | undefined;
  let seq = 0;
  let announced = 0;
  let store: MapStore | null = null;
  let rows: NodeRow[] = [];
  let rowsSeq = 0;

  const apply = (event: TreeEvent) => {
    // The answer to a repeated mutation may be an event that everybody has already.
    if (event.seq <= seq) return;
    if (!store) throw new Error(`event ${event.seq} came before the snapshot was whole`);
    if (event.seq !== seq + 1) throw new Error(`event ${event.seq} follows ${seq}`);
    applyEvent(store, event);
    forgetRemoved(store, event.ops);
    seq = event.seq;
  };

  return {
    get incarnation() {
      return incarnation;
    },
    get seq() {
      return seq;
    },
    get caughtUp() {
      return store !== null && seq >= announced;
    },
    hear(message) {
      if (message.type === "welcome") {
        if (message.resume === "snapshot") store = null;
        incarnation = message.incarnation;
        announced = message.seq;
        rows = [];
      } else if (message.type === "snapshot") {
        // An object that hibernated in the middle begins anew, with the tree of then.
        if (message.seq !== rowsSeq) rows = [];
        rowsSeq = message.seq;
        rows.push(...message.nodes);
        if (!message.done) return;
        store = fromRows(rows);
        seq = message.seq;
        rows = [];
      } else if (message.type === "delta") for (const event of message.events) apply(event);
    },
    outline() {
      if (!store) throw new Error("no snapshot has arrived");
      return outline(store);
    },
    problems() {
      if (!store) throw new Error("no snapshot has arrived");
      return checkTree(store, store.records());
    },
  };
}
