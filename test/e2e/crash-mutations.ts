import type { NodeData, Operation } from "../../src/tree/index.ts";
import { fromOutline } from "../tree/outline.ts";
import type { Random } from "./random.ts";

/** Ids that writers choose from: the last ones that were inserted, most of them alive, some removed. */
const REMEMBERED = 60;
/** Some attributes are long, so that a checkpoint writes many pages and takes its time. */
const LONG = 4_000;

/** What the document begins with. */
export const START: NodeData = fromOutline(`
  root
    a
      b
    c
      d
        e
    f
`);
const SECTIONS = ["root", "a", "b", "c", "d", "e", "f"] as const;

/** The ids of nodes, shared by all writers: they meet in the same nodes, which makes conflicts. */
export interface Names {
  fresh(client: string): string;
  /** To be called with what was accepted: only nodes that were there once are worth naming. */
  remember(ops: readonly Operation[]): void;
  any(random: Random): string;
}

export function createNames(): Names {
  const recent: string[] = [];
  let count = 0;
  return {
    fresh(client) {
      count++;
      return `${client}-${count}`;
    },
    remember(ops) {
      for (const each of ops) {
        if (each.op !== "insert") continue;
        for (const { id } of [each.node, ...(each.node.children ?? [])]) if (id !== undefined) recent.push(id);
      }
      recent.splice(0, recent.length - REMEMBERED);
    },
    any: (random) => recent[random.below(recent.length + 1)] ?? "root",
  };
}

/** A mutation of one or several operations, of which some are rejected, whole, wherever in the list the fault is. */
export function randomMutation(random: Random, client: string, names: Names): Operation[] {
  const kinds = ["one", "one", "one", "one", "several", "several", "taken", "ghost", "half"] as const;
  switch (random.pick(kinds)) {
    case "one":
      return [randomOperation(random, client, names)];
    case "several":
      return Array.from({ length: 2 + random.below(4) }, () => randomOperation(random, client, names));
    case "taken":
      return [{ op: "insert", node: { id: "root", type: "item" }, parent: "root" }];
    case "ghost":
      return [{ op: "remove", id: "ghost" }];
    case "half":
      // What stands before the operation at fault must not be there afterwards.
      return [
        { op: "update", id: "root", attrs: { half: random.next() } },
        { op: "insert", node: { id: names.fresh(client), type: "half" }, parent: "root" },
        { op: "move", id: "root", parent: "root" },
      ];
  }
}

function randomOperation(random: Random, client: string, names: Names): Operation {
  const any = () => names.any(random);
  const parent = () => (random.below(2) === 0 ? any() : random.pick(SECTIONS));
  // An anchor is a hint: mostly it is no child of the parent.
  const place = () => (random.below(3) === 0 ? { after: null } : { after: any() });
  const kinds = ["insert", "insert", "move", "move", "update", "update", "long", "remove"] as const;
  switch (random.pick(kinds)) {
    case "insert":
      return { op: "insert", node: randomNode(random, client, names), parent: parent(), ...place() };
    case "move": // into itself: rejected; of a removed node: it is restored
      return { op: "move", id: random.below(5) === 0 ? random.pick(SECTIONS) : any(), parent: parent(), ...place() };
    case "update":
      return { op: "update", id: any(), attrs: { [client]: random.below(1000) }, unset: ["long"] };
    case "long":
      return { op: "update", id: any(), attrs: { long: String(random.below(10)).repeat(LONG) } };
    case "remove":
      return { op: "remove", id: random.below(10) === 0 ? random.pick(SECTIONS) : any() };
  }
}

function randomNode(random: Random, client: string, names: Names): NodeData {
  const leaf = (): NodeData => ({ id: names.fresh(client), type: "item", attrs: { by: client } });
  return { ...leaf(), children: Array.from({ length: random.below(2) }, leaf) };
}
