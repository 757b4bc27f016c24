import { rootOf, subtree } from "./tree.js";

/**
 * What the keys do: each takes the tree, a row and what is typed in it, and returns an operation, the row to be in afterwards,
 * or both; nothing leaves the key to the browser.
 */
export const keys = {
  Enter(tree, id) {
    const row = newId();
    const { parent } = tree.get(id);
    const place = parent === null ? { parent: id, after: null } : { parent, after: id };
    return { operation: { op: "insert", node: { id: row, type: "row" }, ...place }, focus: row };
  },
  Tab(tree, id) {
    const [before] = neighbours(tree, id);
    return { operation: before && { op: "move", id, parent: before } };
  },
  "Shift+Tab"(tree, id) {
    const { parent } = tree.get(id);
    const above = parent && tree.get(parent).parent;
    return { operation: above && { op: "move", id, parent: above, after: parent } };
  },
  "Alt+ArrowUp"(tree, id) {
    const [before, , parent] = neighbours(tree, id);
    return { operation: before && { op: "move", id, parent, before } };
  },
  "Alt+ArrowDown"(tree, id) {
    const [, after, parent] = neighbours(tree, id);
    return { operation: after && { op: "move", id, parent, after } };
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

function remove(tree, id) {
  if (tree.get(id).parent === null) return undefined;
  return { operation: { op: "remove", id }, focus: readingOrder(tree, id, -1) };
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
