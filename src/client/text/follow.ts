import type { Step } from "../../text/index.ts";
import type { TreeDocument } from "../document.ts";
import { textsOf } from "./texts.ts";

/**
 * Calls back with the steps by which the texts of a document have become what is seen, before its `change`: for who shows several rows and wants
 * to take along what stands in them. None where they are not known, as after a rollback. What it returns ends it.
 */
export function followTexts(document: TreeDocument, listener: (steps: readonly Step[]) => void): () => void {
  const { followers } = textsOf(document);
  const own: typeof listener = (steps) => listener(steps);
  followers.add(own);
  return () => void followers.delete(own);
}
