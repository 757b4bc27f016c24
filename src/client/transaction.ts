import { FRAME_LIMITS, type Problem } from "../protocol/index.ts";
import type { Changes } from "../text/index.ts";
import {
  type Attrs,
  type Effect,
  flatten,
  type Inverse,
  type Json,
  type Layer,
  type MutationContext,
  mutate,
  type NodeData,
  type NodeId,
  type Operation,
  type TextOperation,
} from "../tree/index.ts";
import { insertBranch, type Target } from "./insert.ts";
import type { Merging } from "./merging.ts";
import { handled } from "./mutation-error.ts";
import { patchChildren } from "./siblings.ts";
import { createView, type TreeReader } from "./view.ts";

/** Attributes to set, attributes to delete, another type. */
export interface Change {
  readonly attrs?: Attrs | undefined;
  readonly unset?: readonly string[] | undefined;
  readonly type?: string | undefined;
}

/** A mutation in the making. It reads its own work. What the tree refuses ends it: nothing of it happens. */
export interface Transaction extends TreeReader {
  /** It is there: without a tree there is no transaction. */
  readonly root: NodeId;
  /**
   * Gives back the id, which is made up where the data has none. One that was removed comes back by it, to this place and with this content;
   * one that is there is `exists`.
   */
  insert(node: NodeData, target: Target): NodeId;
  update(id: NodeId, change: Change): void;
  move(id: NodeId, target: Target): void;
  /** With all that is below it. */
  remove(id: NodeId): void;
  /**
   * Changes the text in an attribute; one that is missing is empty. A surrogate pair is taken away whole, and nothing is put into it. This and
   * what follows throws in a document that `mergeTexts` or `textOf` was not called for.
   */
  edit(id: NodeId, attr: string, changes: Changes): void;
  /**
   * The text behind `at` goes to a new node right behind this one; with `head` the text before it to one right in front, and the node keeps
   * the rest, and its children. Gives back the id of the new one, which has the type of `node`, and its attributes beside that text.
   */
  split(
    id: NodeId,
    attr: string,
    at: number,
    node: Omit<NodeData, "children">,
    how?: { readonly head?: boolean },
  ): NodeId;
  /** The text goes behind that of `into`, the children behind the children of `into`, and the node is removed. */
  join(id: NodeId, into: NodeId, attr: string): void;
  /**
   * Sets what `key` is of the units from `from` up to `to` of a text, or with null takes it away: bold, a link, or whatever an editor has. A
   * surrogate pair is marked whole.
   */
  mark(id: NodeId, attr: string, from: number, to: number, key: string, value: Json): void;
}

/** What a transaction came to. */
export interface Drafted {
  /** As far as it came: the last one is what was refused, if that is why nothing happens. */
  readonly ops: readonly Operation[];
  readonly effects: readonly Effect[];
  readonly inverse: readonly Inverse[];
  /** Why nothing of it happens. */
  readonly problem: Problem | null;
}

/** Where more nodes have changed than this, a list of children is walked. */
const MOST_PATCHED = 10_000;

/** Thrown through the callback of a transaction to end it. */
const ENDED = Symbol();

/** Lets `change` write into a layer over what is `seen`. Throws what `change` throws, and when it is not synchronous. */
export function transact(
  layer: Layer,
  context: MutationContext,
  change: (tx: Transaction) => void,
  merging: Merging | null,
  seen: TreeReader,
): Drafted {
  const ops: Operation[] = [];
  const effects: Effect[] = [];
  const inverse: Inverse[] = [];
  let problem: Problem | null = null;
  let open = true;

  const refuse = (why: Problem): never => {
    problem ??= why;
    throw ENDED;
  };
  const perform = (operation: Operation) => {
    if (!open) throw new Error("the transaction is over");
    const op = ops.length;
    if (op >= FRAME_LIMITS.operationsPerMutation) {
      refuse({ code: "tooLarge", message: `a mutation has at most ${FRAME_LIMITS.operationsPerMutation} operations` });
    }
    ops.push(operation);
    const verdict = mutate(layer, [operation], context);
    if (!verdict.ok) return refuse({ code: verdict.code, message: verdict.message, op });
    effects.push(...verdict.ops);
    inverse.push(...verdict.inverse.toReversed());
  };

  const onText = (operation: TextOperation) => {
    if (!merging) throw new Error("texts are not merged yet: call mergeTexts(document)");
    perform(merging.whole(layer, operation));
  };

  // What is written makes what was read old: nothing read here is kept.
  const reader = () => createView(() => layer);
  const tx: Transaction = {
    root: layer.root,
    get: (id) => reader().get(id),
    children(id = layer.root) {
      const now = reader();
      // A node that has come back has children that nobody has listed.
      if (!now.get(id) || !seen.get(id) || layer.count > MOST_PATCHED) return now.children(id);
      return patchChildren(layer, id, seen.children(id), new Set(layer.changed()));
    },
    parent: (id) => reader().parent(id),
    insert(node, target) {
      const flat = flatten(node, context.newId);
      const copies = flat.map((each) => ({ ...each, attrs: each.attrs && copyOf(each.attrs) }));
      insertBranch(layer, copies, placeOf(target), perform);
      return flat[0]?.id ?? "";
    },
    update(id, { attrs, unset, type }) {
      perform({
        op: "update",
        id,
        attrs: attrs && copyOf(attrs),
        unset: unset && [...unset],
        type,
      });
    },
    move: (id, target) => perform({ op: "move", id, ...placeOf(target) }),
    remove: (id) => perform({ op: "remove", id }),
    edit: (id, attr, changes) => onText({ op: "edit", id, attr, changes }),
    split(id, attr, at, { id: given = context.newId(), type, attrs }, { head } = {}) {
      const node = { id: given, type, attrs: attrs && copyOf(attrs) };
      onText({ op: "split", id, attr, at, node, ...(head && { head }) });
      return given;
    },
    join: (id, into, attr) => onText({ op: "join", id, into, attr }),
    mark: (id, attr, from, to, key, value) =>
      onText({ op: "mark", id, attr, from, to, key, value: copyOf({ value }).value ?? null }),
  };
  try {
    const result: unknown = change(tx);
    if (result instanceof Promise) {
      handled(result); // what it still does is refused
      throw new Error("a transaction is synchronous: await before it");
    }
  } catch (error) {
    if (error !== ENDED) throw error;
  } finally {
    open = false;
  }
  return { ops, effects, inverse: inverse.reverse(), problem };
}

function placeOf({ parent, after, before }: Target): Target {
  return { parent, after, before };
}

/** What will be sent: JSON. Attributes are never written in place; what becomes of the application's object is its affair. */
function copyOf(attrs: Attrs): Attrs {
  const copy: Attrs = JSON.parse(JSON.stringify(attrs));
  return copy;
}
