import { textOf } from "./rows.js";
import { applyEffect, applyOperation, clone, fromRows, subtree } from "./tree.js";

/**
 * The document as one client has it: the tree that the server has confirmed, our mutations that it has not answered yet,
 * and the view, which is both together. Whenever the server says something, the view is made anew: the confirmed tree
 * with what is pending applied again. That costs the whole tree each time and is always right.
 */
export function createReplica(client) {
  let confirmed = null;
  let view = null;
  /** The life of the document that the confirmed tree belongs to, and the seq it stands at. */
  let incarnation;
  let seq;
  /** The snapshot that is coming in, or null. */
  let snapshot = null;
  let pending = [];
  let counter = 0;
  /** What was removed while we looked on: what it said, and the event that removed it. */
  const gone = new Map();

  const rebuild = () => {
    view = pending.length > 0 ? clone(confirmed) : confirmed;
    for (const { ops } of pending) for (const operation of ops) applyOperation(view, operation);
  };
  const answer = (mutation) => {
    const asked = pending.find((each) => each.mutation === mutation);
    pending = pending.filter((each) => each !== asked);
    return asked;
  };
  const apply = (event) => {
    for (const effect of event.ops) {
      if (effect.op === "insert") gone.delete(effect.node.id);
      if (effect.op === "remove") {
        for (const id of subtree(confirmed, effect.id)) gone.set(id, { text: textOf(confirmed.get(id)), event });
      }
      applyEffect(confirmed, effect);
    }
    seq = event.seq;
  };

  return {
    client,
    gone,
    get view() {
      return view;
    },
    get pending() {
      return pending;
    },
    /** What a join says for the server to go on from here. */
    get position() {
      return { incarnation, seq };
    },
    hasReached: (target) => snapshot === null && seq >= target,
    welcome(message) {
      snapshot = message.resume === "snapshot" ? { of: message.incarnation, rows: new Map() } : null;
    },
    /** Rows come in any order and may come twice; a part with another seq begins anew. */
    snapshot(message) {
      if (message.seq !== snapshot.seq) snapshot.rows.clear();
      snapshot.seq = message.seq;
      for (const row of message.nodes) snapshot.rows.set(row[0], row);
      if (!message.done) return;
      // In another life of the document our base means nothing: we have seen nothing of it.
      if (snapshot.of !== incarnation) for (const each of pending) each.base = 0;
      incarnation = snapshot.of;
      confirmed = fromRows([...snapshot.rows.values()]);
      seq = snapshot.seq;
      snapshot = null;
      rebuild();
    },
    /** Returns the mutation of ours that the event answers. An event we have had already is nothing but an answer. */
    event(event) {
      if (event.seq > seq) apply(event);
      const asked = event.client === client ? answer(event.mutation) : undefined;
      rebuild();
      return asked;
    },
    reject({ mutation }) {
      const asked = answer(mutation);
      rebuild();
      return asked;
    },
    /** Applies a mutation to the view, to be sent; what is typed while nothing can be sent becomes one mutation. */
    mutate(ops) {
      if (view === confirmed) view = clone(confirmed);
      for (const operation of ops) applyOperation(view, operation);
      const last = pending.at(-1);
      const typed = last && !last.sent && updateAlone(last.ops);
      const more = updateAlone(ops);
      if (typed && typed.id === more?.id) typed.attrs = { ...typed.attrs, ...more.attrs };
      else pending.push({ mutation: ++counter, base: seq, ops, sent: false });
    },
  };
}

function updateAlone([operation, ...others]) {
  return operation.op === "update" && others.length === 0 ? operation : undefined;
}
