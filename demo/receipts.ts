import type { TreeEvent } from "durable-grove/client";
import type { TreeDocument } from "durable-grove/react";
import { rememberedOf } from "./remembered.ts";
import { toast } from "./toasts.tsx";
import { receipts } from "./words.ts";

/** Tells what a change of ours did besides what was asked for. */
export function tellReceipts(doc: TreeDocument, answer: TreeEvent): void {
  const remembered = rememberedOf(doc);
  if (remembered) for (const told of receipts(answer, doc, remembered)) toast(told);
}
