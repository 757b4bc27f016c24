import type { NodeId, TreeDocument } from "durable-grove/react";
import { leaveRows } from "./focus.ts";
import { neighbours, readingOrder } from "./order.ts";
import type { Done } from "./perform.ts";
import { remove } from "./remove.ts";

/** What a key does in a row; nothing leaves it to the browser. What edits texts, or undoes, is in bound.ts. */
export type Key = (doc: TreeDocument, id: NodeId, area: HTMLTextAreaElement) => Done | undefined;

export const keys: Readonly<Record<string, Key>> = {
  Tab(doc, id) {
    const { before } = neighbours(doc, id);
    return before === undefined ? {} : { change: (tx) => tx.move(id, { parent: before }) };
  },
  "Shift+Tab"(doc, id) {
    const { parent } = neighbours(doc, id);
    const above = parent === undefined ? undefined : doc.parent(parent);
    if (parent === undefined || typeof above !== "string") return {};
    return { change: (tx) => tx.move(id, { parent: above, after: parent }) };
  },
  "Alt+ArrowUp"(doc, id) {
    const { before, parent } = neighbours(doc, id);
    return before === undefined || parent === undefined ? {} : { change: (tx) => tx.move(id, { parent, before }) };
  },
  "Alt+ArrowDown"(doc, id) {
    const { after, parent } = neighbours(doc, id);
    return after === undefined || parent === undefined ? {} : { change: (tx) => tx.move(id, { parent, after }) };
  },
  "Control+Shift+Backspace": remove,
  ArrowUp: (doc, id, area) => (isOneLine(area) || area.selectionEnd === 0 ? goTo(doc, id, -1) : undefined),
  ArrowDown: (doc, id, area) =>
    isOneLine(area) || area.selectionStart === area.value.length ? goTo(doc, id, 1) : undefined,
  // Tab indents, so there has to be another way out for those who have no mouse.
  Escape() {
    leaveRows();
    return {};
  },
};

interface Pressed {
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}

/** The name of a key as it stands above, whatever Caps Lock says. */
export function nameOf({ key, altKey, ctrlKey, metaKey, shiftKey }: Pressed): string {
  const held = [altKey && "Alt", (ctrlKey || metaKey) && "Control", shiftKey && "Shift"];
  return [...held.filter(Boolean), key.length === 1 ? key.toLowerCase() : key].join("+");
}

function goTo(doc: TreeDocument, id: NodeId, step: number): Done {
  const ids = readingOrder(doc);
  return { focus: ids[ids.indexOf(id) + step] };
}

function isOneLine(area: HTMLTextAreaElement): boolean {
  return area.clientHeight < 2 * Number.parseFloat(getComputedStyle(area).lineHeight);
}
