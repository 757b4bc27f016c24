import { type Anchor, anchor } from "durable-grove/client";
import type { Selected, TextBinding } from "durable-grove/dom";
import type { NodeId, TreeDocument } from "durable-grove/react";

/** Where the user is: a row, and what is selected in it. It outlives the element, which goes when a row changes its parent. */
let place: { readonly id: NodeId; readonly start: number; readonly end: number } | null = null;

/** The text of a row, and what is selected in it; also while somebody composes there. */
interface Selection extends Selected {
  readonly id: NodeId;
  readonly key: string;
}

/** The bindings of the rows that are drawn. */
export const bindings = new WeakMap<Element, TextBinding>();

export function rowInFocus(): HTMLTextAreaElement | null {
  const area = document.activeElement;
  return area instanceof HTMLTextAreaElement ? area : null;
}

export function selection(): Selection | null {
  const area = rowInFocus();
  const { id, key } = area?.dataset ?? {};
  const selected = area && bindings.get(area)?.selected;
  return selected && id && key ? { ...selected, id, key } : null;
}

/** Goes to a row, now or as soon as it is there; by default to its end. */
export function focusRow(id: NodeId, caret = Number.MAX_SAFE_INTEGER): void {
  place = { id, start: caret, end: caret };
  const area = document.querySelector(`[data-id="${CSS.escape(id)}"]`);
  if (area instanceof HTMLTextAreaElement) takeFocus(id, area);
}

/** Goes on to what follows all rows: from a row that has just lost the focus Tab would lead into the next. */
export function leaveRows(): void {
  document.getElementById("legend")?.focus();
}

/** Where the caret is in a row, or was when it was last there. */
export function caretIn(id: NodeId): number {
  return place?.id === id ? place.start : Number.MAX_SAFE_INTEGER;
}

/** A row that has just been drawn takes the focus if the user is there. */
export function takeFocus(id: NodeId, area: HTMLTextAreaElement): void {
  if (place?.id !== id) return;
  const { start, end } = place;
  area.focus();
  area.setSelectionRange(start, end);
}

/** The row of the user, or the last one there was. */
export function lastPlace(): HTMLTextAreaElement | null {
  const area = place && document.querySelector(`[data-id="${CSS.escape(place.id)}"]`);
  return area instanceof HTMLTextAreaElement ? area : null;
}

/**
 * Knows where the user is, and goes along when the text around the caret comes into another row, as others split and join rows.
 * When he does away with his row himself it is the nearest that is left; when another does, he types into no other row.
 */
export function keepFocus(doc: TreeDocument): () => void {
  let anchors: readonly Anchor[] = [];
  const forget = () => {
    for (const each of anchors) each.release();
  };
  const note = () => {
    const here = selection();
    if (!here) return;
    const { id, key, start, end } = here;
    place = { id, start, end };
    forget();
    anchors = [start, end].map((index) => anchor(doc, id, key, index));
  };
  const leave = ({ target, relatedTarget }: FocusEvent) => {
    // What the legend does it does in the row that one was in.
    if (relatedTarget instanceof Element && relatedTarget.closest("#legend")) return;
    // An element that is taken away loses the focus, too, but nobody left it.
    queueMicrotask(() => {
      if (target instanceof Element && target.isConnected && !rowInFocus()) place = null;
    });
  };
  const off = doc.on("change", ({ source }) => {
    // The page still shows the tree from before.
    const area = rowInFocus();
    const row = area?.closest<HTMLElement>(".row");
    if (!area || !row) return;
    // The browser tells of a caret that goes along with what is typed only later.
    if (source === "local" && isThere(doc, row)) note();
    const [start, end] = anchors.map(({ at }) => at);
    if (start && start.id !== area.dataset.id) focusRow(start.id, start.index);
    else if (!isThere(doc, row)) {
      if (source === "local") focusRow(nearestLeft(doc, row));
    } else if (start && end) place = { id: start.id, start: start.index, end: Math.max(start.index, end.index) };
  });
  document.addEventListener("selectionchange", note);
  document.addEventListener("focusin", note);
  document.addEventListener("focusout", leave);
  return () => {
    off();
    forget();
    document.removeEventListener("selectionchange", note);
    document.removeEventListener("focusin", note);
    document.removeEventListener("focusout", leave);
  };
}

function idOf(row: Element): NodeId {
  return row.querySelector("textarea")?.dataset.id ?? "";
}

function isThere(doc: TreeDocument, row: Element): boolean {
  return doc.get(idOf(row)) !== undefined;
}

/** The sibling before, else the parent, else the same of the parent; in the end the title. */
export function nearestLeft(doc: TreeDocument, gone: Element): NodeId {
  let level = Number.POSITIVE_INFINITY;
  for (let row: Element | null = gone; row instanceof HTMLElement; row = row.previousElementSibling) {
    const depth = Number(row.style.getPropertyValue("--depth"));
    if (depth > level) continue;
    level = depth;
    if (isThere(doc, row)) return idOf(row);
  }
  return doc.root ?? "";
}
