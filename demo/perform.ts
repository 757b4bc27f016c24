import type { NodeId, Transaction, TreeDocument } from "durable-grove/react";
import { focusRow } from "./focus.ts";
import { me } from "./me.ts";
import { tellReceipts } from "./receipts.ts";
import { stepsOf } from "./steps.ts";
import { type Toast, toast } from "./toasts.tsx";

/** What a key, a paste or typing comes to. With nothing in it, it is done already. */
export interface Done {
  readonly change?: (tx: Transaction) => void;
  /** The row to be in afterwards, and where in it: by default at its end. */
  readonly focus?: NodeId | undefined;
  readonly caret?: number;
  readonly says?: Toast;
}

export function perform(doc: TreeDocument, { change, focus, caret, says }: Done): void {
  // A client's id says nothing to people: who did it goes along.
  if (change) {
    const { committed } = doc.mutate(change, { meta: { by: me } });
    stepsOf(doc).made();
    // Others were first: it is no event, and what was shown is gone again. That is to be said, too.
    committed.then(
      (answer) => answer.ops.length === 0 && tellReceipts(doc, answer),
      () => {},
    );
  }
  if (focus !== undefined) focusRow(focus, caret);
  if (says) toast(says);
}
