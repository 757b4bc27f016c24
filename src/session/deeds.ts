import { LIMITS, type TreeEvent } from "../protocol/index.ts";
import { ANY_NODE, type Meter } from "../storage.ts";
import { type Attrs, assertNever, type Effect, type NodeId, type ReadStore, weighAttrs } from "../tree/index.ts";
import { joined, pluralOf, shortened, withArticle } from "./words.ts";

// What events did, in words for people: "added 3 rows under Plans, changed due of Milk and removed Bread".

/** The attributes that a node's name is looked for in: the first of them that is a text. */
const NAMES = ["title", "name", "label", "text"] as const;

/** The type of so many nodes is looked up to say what they are, as long as it is one; more are nodes. */
const MOST_TYPES = 200;

/** In the order in which they are told where they began at once. */
type Deed = "added" | "moved" | "restored" | "split" | "joined" | "edited" | "formatted" | "changed" | "removed";

/** What was done to nodes in one way. */
interface Doing {
  readonly nodes: Set<NodeId>;
  /** Where they were put. */
  readonly parents: Set<NodeId>;
  /** Which attributes were changed. */
  readonly keys: Set<string>;
}

export interface Deeds {
  add(event: TreeEvent): void;
  /** All of it, cut to 300 characters. */
  text(): string;
}

/** Names are those that nodes have now, alive or removed, or were inserted with. */
export function createDeeds(tree: ReadStore, meter: Meter): Deeds {
  const doings = new Map<Deed, Doing>();
  /** Nodes as they were inserted: they may be no more. */
  const inserted = new Map<NodeId, { readonly type: string; readonly attrs?: Attrs }>();
  let [undone, redone] = [0, 0];
  /** The moments that were restored, as whoever did it says in `meta`. */
  const moments = new Set<string>();
  /** Something else was done as well. */
  let isMixed = false;
  const note = (deed: Deed, id: NodeId, parent?: NodeId, keys: readonly string[] = []) => {
    const doing = doings.get(deed) ?? { nodes: new Set(), parents: new Set(), keys: new Set() };
    doings.set(deed, doing);
    doing.nodes.add(id);
    if (parent !== undefined) doing.parents.add(parent);
    for (const key of keys) doing.keys.add(key);
  };
  const isNew = (id: NodeId) => doings.get("added")?.nodes.has(id) === true;
  const addEffect = (effect: Effect, of: Parts) => {
    switch (effect.op) {
      case "insert":
        inserted.set(effect.node.id, effect.node);
        if (of.nodes.has(effect.node.id) || of.inserted.has(effect.parent)) return;
        note(effect.restores === undefined ? "added" : "restored", effect.node.id, effect.parent);
        return;
      case "move":
        if (of.into.has(effect.parent) || isNew(effect.id)) return;
        note(effect.restores === undefined ? "moved" : "restored", effect.id, effect.parent);
        return;
      case "update":
        if (isNew(effect.id)) return;
        if (effect.mark || effect.from !== undefined) note("formatted", effect.id);
        else note("changed", effect.id, undefined, keysOf(effect));
        return;
      case "edit":
        if (effect.split) note("split", effect.id);
        else if (effect.join) note("joined", effect.id, effect.join.into);
        else if (effect.from === undefined && !isNew(effect.id)) note("edited", effect.id);
        return;
      case "remove":
        if (!of.nodes.has(effect.id)) note("removed", effect.id);
        return;
      default:
        assertNever(effect);
    }
  };
  const look = (id: NodeId) => {
    const node = tree.get(id);
    meter.add(ANY_NODE + (node ? weighAttrs(node.attrs) : 0));
    return node ?? inserted.get(id);
  };
  const nameOf = (id: NodeId): string | null => {
    const { attrs = {} } = look(id) ?? {};
    for (const key of NAMES) {
      const value = Object.hasOwn(attrs, key) ? attrs[key] : null;
      if (typeof value === "string" && value.trim() !== "") return shortened(value);
    }
    return null;
  };
  /** "Milk", "a row", "3 rows". */
  const called = (nodes: ReadonlySet<NodeId>): string => {
    const [only] = nodes;
    if (only !== undefined && nodes.size === 1) return nameOf(only) ?? withArticle(look(only)?.type ?? "node");
    return `${nodes.size} ${pluralOf(typeOf(nodes))}`;
  };
  const typeOf = (nodes: ReadonlySet<NodeId>): string => {
    if (nodes.size > MOST_TYPES) return "node";
    let only: string | undefined;
    for (const id of nodes) {
      const { type = "node" } = look(id) ?? {};
      only ??= type;
      if (type !== only) return "node";
    }
    return only ?? "node";
  };
  const phraseOf = (deed: Deed, { nodes, parents, keys }: Doing): string => {
    const what = called(nodes);
    const [place] = parents;
    const where = parents.size === 1 && place !== undefined ? nameOf(place) : null;
    switch (deed) {
      case "added":
      case "moved":
        return `${deed} ${what}${where === null ? "" : ` under ${where}`}`;
      case "joined":
        return `joined ${what}${where === null ? "" : ` to ${where}`}`;
      case "changed":
        return `changed ${keys.size > 0 && keys.size <= 2 ? `${joined([...keys])} of ` : ""}${what}`;
      case "restored":
      case "split":
      case "edited":
      case "formatted":
      case "removed":
        return `${deed} ${what}`;
      default:
        return assertNever(deed);
    }
  };
  return {
    add({ ops, meta, undoes = [], redoes = [] }) {
      const moment = meta?.restored;
      if (typeof moment === "string" && moment !== "") moments.add(momentCalled(moment));
      else isMixed = true;
      undone += undoes.length;
      redone += redoes.length;
      // What an undo comes to follows from what it takes back.
      if (undoes.length + redoes.length > 0) return;
      const of = partsOf(ops);
      for (const effect of ops) addEffect(effect, of);
    },
    text() {
      const phrases = [...doings].map(([deed, doing]) => phraseOf(deed, doing));
      if (undone > 0) phrases.push(`took back ${undone === 1 ? "a change" : `${undone} changes`}`);
      if (redone > 0) phrases.push(`did ${redone === 1 ? "a change" : `${redone} changes`} again`);
      const [only] = moments;
      const restored = only === undefined ? null : `restored ${moments.size > 1 ? "earlier moments" : only}`;
      if (restored !== null && isMixed) phrases.unshift(restored);
      const text = joined(phrases) || "changed nothing";
      return shortened(restored === null || isMixed ? text : `${restored}: ${text}`, LIMITS.summaryLength);
    },
  };
}

/** What of an event follows from something else in it. */
interface Parts {
  /** Rows that a split has made, or a join has used up. */
  readonly nodes: ReadonlySet<NodeId>;
  /** Nodes that were inserted: what stands below them came with them. */
  readonly inserted: ReadonlySet<NodeId>;
  /** Rows that others were joined to: their children have moved there. */
  readonly into: ReadonlySet<NodeId>;
}

function partsOf(ops: readonly Effect[]): Parts {
  const [nodes, inserted, into] = [new Set<NodeId>(), new Set<NodeId>(), new Set<NodeId>()];
  for (const effect of ops) {
    if (effect.op === "insert") inserted.add(effect.node.id);
    if (effect.op !== "edit") continue;
    if (effect.split) nodes.add(effect.split.node);
    if (effect.join) {
      nodes.add(effect.id);
      into.add(effect.join.into);
    }
  }
  return { nodes, inserted, into };
}

/** "event 5", or as it stands there: `version:NAME`. */
function momentCalled(moment: string): string {
  return /^\d{1,11}$/.test(moment) ? `event ${moment}` : shortened(moment);
}

function keysOf({ attrs = {}, unset = [], type }: Effect & { op: "update" }): string[] {
  return [...Object.keys(attrs), ...unset, ...(type === undefined ? [] : ["type"])].map((key) => shortened(key));
}
