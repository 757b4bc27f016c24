import { type BinEntry, historyOf, ProblemError, type RestoreInput } from "durable-grove/history";
import type { TreeDocument } from "durable-grove/react";
import { me } from "../me.ts";
import { shownText } from "../rows.ts";
import { type Kind, stepsOf } from "../steps.ts";
import { toast } from "../toasts.tsx";
import { leftOut } from "../words.ts";
import { buriedIn } from "./buried.ts";

const meta = { by: me };

/** Does something that is asked of the server; what it comes to nothing for is said. Whether it was done. */
export async function attempt(what: string, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    toast({ text: `${what} did not work: ${error.problem.message}.`, about: what });
    return false;
  }
}

/** Makes the document, or a branch of it, what it was; offers to take that back. */
export function restore(doc: TreeDocument, call: RestoreInput, said: string): Promise<boolean> {
  return attempt("Restoring", async () => {
    const { seq, ops } = await historyOf(doc).restore({ ...call, meta: { ...meta, restored: String(call.to) } });
    if (ops.length === 0) return toast({ text: "It is like that already: nothing was changed.", about: "restore" });
    toast({ text: said, about: "restore", action: undoing(doc, seq) });
  });
}

/** Where it stands in something that is removed as well it is not seen: to put that back, too, is offered. */
export function putBack(doc: TreeDocument, entry: BinEntry): Promise<boolean> {
  const said = `“${shownText(entry) || entry.type}” is back`;
  const about = entry.id;
  return attempt("Putting back", async () => {
    const { seq } = await historyOf(doc).putBack(entry, { meta });
    const action = undoing(doc, seq);
    if (doc.get(entry.id) || entry.where.alive) return toast({ text: `${said}.`, about, action });
    const above = await buriedIn(doc, entry);
    if (!above) return toast({ text: `${said}, in something that is removed itself.`, about, action });
    toast({
      text: `${said} in “${shownText(above) || above.type}”, which is removed itself.`,
      about,
      action: { label: "Put that back, too", chosen: () => void putBack(doc, above) },
    });
  });
}

/** Takes back what the server did as event `seq`, or does it again: `steps` has it as done already. */
export async function takeBackEvent(doc: TreeDocument, kind: Kind, seq: number): Promise<void> {
  const isDone = await attempt(kind === "undo" ? "Undo" : "Redo", async () => {
    const { skipped: [first] = [] } = await historyOf(doc)[kind]({ seq, meta });
    if (first) toast({ text: leftOut(first, doc, kind), about: first.id });
  });
  if (!isDone) stepsOf(doc).moved(kind === "undo" ? "redo" : "undo", seq);
}

/** What the server has done is a step of undo, and is offered to be taken back at once. */
function undoing(doc: TreeDocument, seq: number) {
  const steps = stepsOf(doc);
  steps.asked(seq);
  const chosen = () => {
    if (steps.moved("undo", seq)) void takeBackEvent(doc, "undo", seq);
  };
  return { label: "Undo", chosen };
}
