import type { MutationError, TreeEvent } from "durable-grove/client";
import type { NodeId, Skipped, TreeDocument } from "durable-grove/react";
import type { Remembered } from "./remembered.ts";
import { shownText } from "./rows.ts";
import type { Toast } from "./toasts.tsx";

// What became of changes, in plain sentences.

export const TOO_LONG = "A row takes at most 100 000 characters. This one was left as it was.";

/** Why a row was not joined with another. */
export function notJoined(text: string, lost: readonly string[]): string {
  return `Not joined: the row ${quote(text)} would lose what it has beside its text (${lost.join(", ")}). Ctrl ⇧ ⌫ removes it.`;
}

/** What an event of ours did besides what was asked for. */
export function receipts(event: TreeEvent, doc: TreeDocument, remembered: Remembered): Toast[] {
  const says = (id: NodeId) => quote(remembered.text(id));
  const removed = (id: NodeId) => {
    const remover = remembered.remover(id);
    return remover ? `was removed by ${remembered.nameOf(remover.event)}` : "was removed";
  };
  const redirected = (id: NodeId): Toast => {
    const parent = remembered.parentAsked(id);
    const why = parent && !doc.get(parent) ? `its parent ${says(parent)} ${removed(parent)}` : "its parent was removed";
    return { about: id, text: `Your row ${says(id)} was moved to ${placeOf(doc, id)}, because ${why}.` };
  };
  const rescued = (id: NodeId): Toast => ({
    about: id,
    text: `${says(id)} was kept and moved to ${placeOf(doc, id)}: somebody had put it into what you removed.`,
  });
  const changed = (id: NodeId): Toast => ({
    about: id,
    text: `Your row ${says(id)} ${removed(id)}. Your change is kept with it.`,
  });
  return [
    ...(event.redirected ?? []).map(redirected),
    ...(event.rescued ?? []).map(rescued),
    ...(event.removed ?? []).map(changed),
  ];
}

/** Why a change of ours was not accepted. */
export function rejection(problem: MutationError["problem"], remembered: Remembered): string {
  switch (problem.code) {
    case "cycle":
      return `Your move was undone: ${remembered.nameOf(problem)} moved the other row into this one first.`;
    case "notFound":
    case "removed":
      return "Your change was undone: the row it belongs to is gone.";
    case "forbidden":
      return "Your change was undone: you may only read this document.";
    case "tooLarge":
      return "That is too much at once, nothing was changed. Do it in parts.";
    default:
      return `Your change was undone: ${problem.message}.`;
  }
}

/** What an undo left as it is. */
export function leftOut({ id, why }: Skipped, doc: TreeDocument, kind: "undo" | "redo"): string {
  const row = doc.get(id) ? `The row ${quote(shownText(doc.get(id)))}` : "A row";
  const done = kind === "undo" ? "undone" : "redone";
  switch (why) {
    case "changed":
      return `${row} was not ${done}: somebody else has changed it since.`;
    case "used":
      return `${row} was not ${done}: there is something in it by now that would go with it.`;
    case "removed":
      return `${row} was not ${done}: somebody else has removed it, or what it is in.`;
    case "limit":
      return `${row} was not ${done}: it would stand too deep, or take too much.`;
    case "gone":
      return `${row} was not ${done}: it, or the place it was in, is gone.`;
  }
}

/** What we removed ourselves. */
export function removal(text: string, below: number): string {
  return `The row ${quote(text)} was removed${below > 0 ? `, with ${below} below it` : ""}.`;
}

/** The row that we were in, and somebody else has removed. */
export function removalOfOurs(text: string, remover: string): string {
  return `Your row ${quote(text)} was removed by ${remover}.`;
}

export function changes(count: number): string {
  return count === 1 ? "1 change" : `${count} changes`;
}

function quote(text: string): string {
  if (!text) return "without text";
  return `“${text.length > 40 ? `${text.slice(0, 39)}…` : text}”`;
}

function placeOf(doc: TreeDocument, id: NodeId): string {
  const parent = doc.parent(id);
  return !parent || parent === doc.root ? "the top level" : quote(shownText(doc.get(parent)));
}
