import type { NodeId, TreeDocument } from "durable-grove/react";

/** Where the user is: a row, and what is selected in it. It outlives the element, which goes when a row changes its parent. */
let place: { readonly id: NodeId; readonly start: number; readonly end: number } | null = null;

export function rowInFocus(): HTMLTextAreaElement | null {
  const area = document.activeElement;
  return area instanceof HTMLTextAreaElement ? area : null;
}

/** Goes to a row, now or as soon as it is there; by default to its end. */
export function focusRow(id: NodeId, caret = Number.MAX_SAFE_INTEGER): void {
  place = { id, start: caret, end: caret };
  const area = document.querySelector(`[data-id="${CSS.escape(id)}"]`);
  if (area instanceof HTMLTextAreaElement) takeFocus(id, area);
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

/** Knows where the user is, and goes on in the nearest row that is left when that row goes. */
export function keepFocus(doc: TreeDocument): () => void {
  const note = () => {
    const area = rowInFocus();
    if (area?.dataset.id) place = { id: area.dataset.id, start: area.selectionStart, end: area.selectionEnd };
  };
  const leave = ({ target }: FocusEvent) => {
    // An element that is taken away loses the focus, too, but nobody left it.
    queueMicrotask(() => {
      if (target instanceof Element && target.isConnected && !rowInFocus()) place = null;
    });
  };
  const off = doc.on("change", () => {
    // The page still shows the tree from before.
    const row = rowInFocus()?.closest<HTMLElement>(".row");
    if (row && !isThere(doc, row)) focusRow(nearestLeft(doc, row));
  });
  document.addEventListener("selectionchange", note);
  document.addEventListener("focusin", note);
  document.addEventListener("focusout", leave);
  return () => {
    off();
    document.removeEventListener("selectionchange", note);
    document.removeEventListener("focusin", note);
    document.removeEventListener("focusout", leave);
  };
}

/** Changes the text under a caret: what stands before it stays before it, and what stands behind it behind. */
export function setText(area: HTMLTextAreaElement, text: string): void {
  const { value, selectionStart, selectionEnd } = area;
  if (value === text) return;
  let same = 0;
  while (same < value.length && value[same] === text[same]) same++;
  const shifted = (at: number) => (at <= same ? at : Math.max(same, at + text.length - value.length));
  area.value = text;
  if (area === document.activeElement) area.setSelectionRange(shifted(selectionStart), shifted(selectionEnd));
}

function idOf(row: Element): NodeId {
  return row.querySelector("textarea")?.dataset.id ?? "";
}

function isThere(doc: TreeDocument, row: Element): boolean {
  return doc.get(idOf(row)) !== undefined;
}

/** The sibling before, else the parent, else the same of the parent; in the end the title. */
function nearestLeft(doc: TreeDocument, gone: HTMLElement): NodeId {
  let level = Number.POSITIVE_INFINITY;
  for (let row: Element | null = gone; row instanceof HTMLElement; row = row.previousElementSibling) {
    const depth = Number(row.style.getPropertyValue("--depth"));
    if (depth > level) continue;
    level = depth;
    if (isThere(doc, row)) return idOf(row);
  }
  return doc.root ?? "";
}
