import { DEFAULT_OPTIONS, type Meta } from "../../src/protocol/index.ts";
import { createLooks } from "../../src/session/sight.ts";
import { createWaiting, type Outcome } from "../../src/session/waiting.ts";
import { createDocument, openDocument, type StoredDocument } from "../../src/storage.ts";
import { flatten, type NodeData, type Operation } from "../../src/tree/index.ts";
import { portOf, type Where } from "./port.ts";

/** How a mutation is made, beside its operations. */
export interface Manner {
  readonly user?: string;
  readonly base?: number;
  readonly meta?: Meta;
  /** Unix milliseconds. */
  readonly at?: number;
}

/** A document in storage, written to as the session writes: decided one by one, appended in groups. */
export interface Writer {
  readonly stored: StoredDocument;
  /** Decides a mutation by a client with its next counter, or by nobody (null). */
  submit(client: string | null, operations: Operation | readonly Operation[], manner?: Manner): Outcome;
  /** Appends what was submitted since the last commit; returns the texts of the events. */
  commit(): readonly string[];
  /** `submit` and `commit`. */
  write(client: string | null, operations: Operation | readonly Operation[], manner?: Manner): Outcome;
}

export const BEGIN = 1_700_000_000_000;

/** A new document with this tree. Ids of nodes that come without one are counted: `new0`, `new1`. */
export function createWriter(where: Where, tree: NodeData, options = DEFAULT_OPTIONS): Writer {
  const newId = counted();
  const flat = flatten(tree, newId);
  const stored = createDocument(portOf(where), flat, { incarnation: "incarnation", salt: 1, options, now: BEGIN });
  if (!stored) throw new Error("an id stands twice in the tree");
  return writer(stored, newId);
}

/** Opens the document as a wake-up does, with nothing in memory; null if there is none. */
export function look(where: Where): StoredDocument | null {
  return openDocument(portOf(where), () => "reborn");
}

/** The same where there must be one. */
export function reopen(where: Where): Writer {
  const stored = look(where);
  if (!stored) throw new Error("the document was never created");
  return writer(stored, counted(`after${stored.seq}-`));
}

function writer(stored: StoredDocument, newId: () => string): Writer {
  const waiting = createWaiting(stored, { documentId: "doc", newId });
  const submit: Writer["submit"] = (client, operations, { user, base, meta, at = stored.time + 1 } = {}) => {
    const ops = "op" in operations ? [operations] : operations;
    const mutation = client === null ? null : (stored.clients.get(client)?.mutation ?? 0) + 1;
    const principal = { user: user === undefined ? null : { id: user }, role: "write" as const };
    return waiting.submit(
      { principal, client, mutation, ops, ...(base !== undefined && { base }), meta },
      createLooks(),
      at,
    );
  };
  const commit = () => waiting.commit()?.texts ?? [];
  return {
    stored,
    submit,
    commit,
    write(client, operations, manner) {
      const outcome = submit(client, operations, manner);
      commit();
      return outcome;
    },
  };
}

/** Whether there is an event of it: it was neither refused, nor has it changed nothing. */
export function isEvent(outcome: Outcome): boolean {
  return outcome.ok && outcome.value.ops.length > 0;
}

function counted(prefix = "new"): () => string {
  let count = 0;
  return () => `${prefix}${count++}`;
}
