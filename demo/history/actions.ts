import { type BinEntry, type History, ProblemError, type RestoreInput } from "durable-grove/history";
import { me } from "../me.ts";
import { toast } from "../toasts.tsx";

/** Does something that is asked of the server; what it comes to nothing for is said. */
export async function attempt(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    toast({ text: `${what} did not work: ${error.problem.message}.`, about: what });
  }
}

/** Makes the document, or a branch of it, what it was; offers to take that back. */
export function restore(history: History, call: RestoreInput, said: string): Promise<void> {
  return attempt("Restoring", async () => {
    const { seq, ops } = await history.restore({ ...call, meta: { by: me, restored: String(call.to) } });
    if (ops.length === 0) return toast({ text: "It is like that already: nothing was changed.", about: "restore" });
    const undo = () => attempt("Undo", () => history.undo({ seq, meta: { by: me } }));
    toast({ text: said, about: "restore", action: { label: "Undo", chosen: () => void undo() } });
  });
}

export function putBack(history: History, entry: BinEntry, text: string): Promise<void> {
  return attempt("Putting back", async () => {
    await history.putBack(entry, { meta: { by: me } });
    toast({ text: `“${text}” is back.`, about: entry.id });
  });
}
