import { rootOf, subtree } from "./tree.js";

/**
 * What the keys do: each takes the tree, a row and what is typed in it, and returns operations, the row to be in afterwards,
 * or both; nothing leaves the key to the browser.
 */
export const keys = {
  Enter(tree, id) {
    const row = newId();
    return { operations: [newRow(tree, id, { id: row, text: "" })], focus: row };
  },
  Tab(tree, id) {
    const [before] = neighbours(tree, id);
    return { operations: before && [{ op: "move", id, parent: before }] };
  },
  "Shift+Tab"(tree, id) {
    const { parent } = tree.get(id);
    const above = parent && tree.get(parent).parent;
    return { operations: above && [{ op: "move", id, parent: above, after: parent }] };
  },
  "Alt+ArrowUp"(tree, id) {
    const [before, , parent] = neighbours(tree, id);
    return { operations: before && [{ op: "move", id, parent, before }] };
  },
  "Alt+ArrowDown"(tree, id) {
    const [, after, parent] = neighbours(tree, id);
    return { operations: after && [{ op: "move", id, parent, after }] };
  },
  Backspace(tree, id, { value }) {
    return value === "" && tree.get(id).children.length === 0 ? remove(tree, id) : undefined;
  },
  "Control+Shift+Backspace": remove,
  ArrowUp(tree, id, { selectionEnd }, isOneLine) {
    return isOneLine || selectionEnd === 0 ? { focus: readingOrder(tree, id, -1) } : undefined;
  },
  ArrowDown(tree, id, { selectionStart, value }, isOneLine) {
    return isOneLine || selectionStart === value.length ? { focus: readingOrder(tree, id, 1) } : undefined;
  },
  // Tab indents, so there has to be another way out for those who have no mouse.
  Escape(_tree, _id, area) {
    area.blur();
    return {};
  },
};

/** The name of a key as it stands above. */
export function nameOf({ key, altKey, ctrlKey, metaKey, shiftKey }) {
  const held = [altKey && "Alt", (ctrlKey || metaKey) && "Control", shiftKey && "Shift"];
  return [...held.filter(Boolean), key].join("+");
}

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A new row below another, or below the new one that came before it there; the title has it as its first child. */
export function newRow(tree, id, { id: row, text }, newer) {
  const { parent } = tree.get(id);
  const place = parent === null ? { parent: id, after: newer ?? null } : { parent, after: newer ?? id };
  return { op: "insert", node: { id: row, type: "row", attrs: { text } }, ...place };
}

/** What brings a row back to where it stands now, once it is removed. */
export function restoring(tree, id) {
  const [before, after, parent] = neighbours(tree, id);
  return { op: "move", id, parent, after: before ?? null, before: after };
}

function remove(tree, id) {
  if (tree.get(id).parent === null) return undefined;
  return { operations: [{ op: "remove", id }], focus: readingOrder(tree, id, -1) };
}

/** The siblings before and after a row, and their parent; the root has none. */
function neighbours(tree, id) {
  const { parent } = tree.get(id);
  const siblings = parent === null ? [id] : tree.get(parent).children;
  const index = siblings.indexOf(id);
  return [siblings[index - 1], siblings[index + 1], parent];
}

function readingOrder(tree, id, step) {
  const ids = subtree(tree, rootOf(tree));
  return ids[ids.indexOf(id) + step];
}
