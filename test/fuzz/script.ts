import type { NodeData, NodeId } from "../../src/tree/index.ts";

/** What somebody does, as one mutation; `after` as in a target, undefined: last. */
export type Act =
  | { readonly do: "insert"; readonly id: NodeId; readonly parent: NodeId; readonly after?: NodeId | null }
  | { readonly do: "move"; readonly id: NodeId; readonly parent: NodeId; readonly after?: NodeId | null }
  | { readonly do: "remove"; readonly id: NodeId }
  | { readonly do: "update"; readonly id: NodeId; readonly key: string; readonly value: number }
  | { readonly do: "unset"; readonly id: NodeId; readonly key: string }
  | { readonly do: "undo" | "redo" };

/**
 * How somebody is away: `offline`; `held`: nothing goes out or comes in; `deaf`: what others do does not arrive; `mute`:
 * what one does oneself does not.
 */
export type Absence = "offline" | "held" | "deaf" | "mute";

/** What happens next. Then everything arrives, but to and from those who are away. */
export type Step =
  | { readonly who: number; readonly act: Act; readonly reload?: boolean }
  | { readonly who: number; readonly goes: Absence | "back" };

export interface Script {
  readonly people: number;
  readonly steps: readonly Step[];
  /** Whether the first one's page is loaded anew before everything is undone. */
  readonly reload: boolean;
}

/** Nine nodes, and the root. */
export const NINE: NodeData = {
  id: "root",
  type: "list",
  children: [
    {
      id: "p",
      type: "item",
      children: [
        { id: "x", type: "item", attrs: { v: 0 } },
        { id: "y", type: "item", attrs: { v: 0, w: 0 } },
        { id: "z", type: "item" },
      ],
    },
    { id: "a", type: "item", attrs: { v: 0 } },
    { id: "b", type: "item" },
    { id: "q", type: "item", attrs: { w: 0 }, children: [{ id: "c", type: "item" }] },
    { id: "k", type: "item" },
  ],
};

const NAMES = ["A", "B", "C"];

/** The script as people read it, a line each. */
export function linesOf({ steps, reload }: Script): string[] {
  const lines = steps.map((step) => `${NAMES[step.who]}: ${"goes" in step ? goingOf(step.goes) : doingOf(step)}`);
  return reload ? [...lines, "(A reloads before undoing everything)"] : lines;
}

function goingOf(goes: Absence | "back"): string {
  return goes === "back" ? "is back" : `goes ${goes}`;
}

function doingOf({ act, reload }: { readonly act: Act; readonly reload?: boolean }): string {
  return `${reload ? "reload, " : ""}${textOf(act)}`;
}

export function textOf(act: Act): string {
  switch (act.do) {
    case "insert":
    case "move": {
      const place = act.after === undefined ? "last" : act.after === null ? "first" : `after ${act.after}`;
      return `${act.do} ${act.id} in ${act.parent} ${place}`;
    }
    case "remove":
      return `remove ${act.id}`;
    case "update":
      return `set ${act.id}.${act.key} = ${act.value}`;
    case "unset":
      return `unset ${act.id}.${act.key}`;
    default:
      return act.do;
  }
}
