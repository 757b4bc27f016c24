import { shownKey, textOf } from "./rows.js";
import { rootOf, subtree } from "./tree.js";

/** A colour that is the same for a subscriber in every window. */
export function colourOf(subscriber) {
  let hash = 0;
  for (const letter of subscriber) hash = (hash * 31 + letter.codePointAt(0)) % 360;
  return `hsl(${hash} 65% 45%)`;
}

/**
 * Draws the tree as a flat list of rows. A row keeps its element as long as it lives, and the row that has the focus is
 * never taken out of the page while others move around it: so focus, caret and an open input method survive any change.
 */
export function createView(list) {
  const rows = new Map();

  const rowOf = (id) => {
    const known = rows.get(id);
    if (known) return known;
    const element = document.getElementById("row").content.firstElementChild.cloneNode(true);
    const row = { element, area: element.querySelector("textarea"), mirror: element.querySelector(".mirror") };
    row.area.dataset.id = id;
    rows.set(id, row);
    return row;
  };

  const draw = (row, node, depth, carets) => {
    const text = textOf(node);
    row.element.style.setProperty("--depth", depth);
    row.area.placeholder = depth === 0 ? "Untitled" : shownKey(node) ? "" : node.type;
    row.area.ariaLabel = depth === 0 ? "Title" : `Row, level ${depth}`;
    setText(row.area, text);
    row.element.classList.toggle("here", carets.length > 0);
    row.element.style.setProperty("--colour", carets[0]?.colour ?? "");
    // The mirror lies under the text area, gives it its height, and shows where the others are.
    const pieces = [];
    let from = 0;
    for (const { at, colour, name } of carets) {
      const caret = document.createElement("i");
      caret.style.setProperty("--colour", colour);
      caret.dataset.name = name;
      const end = Math.max(from, Math.min(at, text.length));
      pieces.push(text.slice(from, end), caret);
      from = end;
    }
    row.mirror.replaceChildren(...pieces, `${text.slice(from)}\u200b`);
  };

  /** The nearest row that is left: the sibling before, else the parent, else the same of the parent. */
  const nearestLeft = (row, tree) => {
    let level = Number.POSITIVE_INFINITY;
    for (let element = row; element; element = element.previousElementSibling) {
      const depth = Number(element.style.getPropertyValue("--depth"));
      if (depth > level) continue;
      level = depth;
      const { id } = element.querySelector("textarea").dataset;
      if (tree.has(id)) return id;
    }
    return rootOf(tree);
  };

  const focus = (id, caret) => {
    const area = rows.get(id)?.area;
    const at = caret ?? area?.value.length;
    area?.focus();
    area?.setSelectionRange(at, at);
  };

  return {
    focus,
    /** `carets` has, by row, where the others are: `{ at, colour, name }`, in order of `at`. */
    render(tree, carets) {
      const depths = new Map([[null, -1]]);
      const order = subtree(tree, rootOf(tree));
      const left = document.activeElement?.closest(".row");
      if (left && !tree.has(document.activeElement.dataset.id)) focus(nearestLeft(left, tree));
      const focused = document.activeElement?.closest(".row");
      for (const [id, row] of rows) {
        if (tree.has(id)) continue;
        row.element.remove();
        rows.delete(id);
      }
      let cursor = list.firstChild;
      for (const id of order) {
        const node = tree.get(id);
        depths.set(id, depths.get(node.parent) + 1);
        const row = rowOf(id);
        draw(row, node, depths.get(id), carets.get(id) ?? []);
        while (row.element === focused && cursor !== focused) {
          const next = cursor.nextSibling;
          list.append(cursor);
          cursor = next;
        }
        if (row.element === cursor) cursor = cursor.nextSibling;
        else list.insertBefore(row.element, cursor);
      }
    },
  };
}

/** Changes the text under a caret: what stands before it stays before it, and what stands behind it behind. */
function setText(area, text) {
  const { value, selectionStart, selectionEnd } = area;
  if (value === text) return;
  let same = 0;
  while (same < value.length && value[same] === text[same]) same++;
  const shifted = (at) => (at <= same ? at : Math.max(same, at + text.length - value.length));
  area.value = text;
  if (area === document.activeElement) area.setSelectionRange(shifted(selectionStart), shifted(selectionEnd));
}
