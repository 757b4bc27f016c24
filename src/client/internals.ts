import type { Address } from "./connection/address.ts";
import type { TreeDocument } from "./document.ts";
import type { Engine } from "./engine.ts";

/** What parts of the client that not everybody loads need of a document besides what everybody sees. */
export interface Internals {
  readonly address: Address;
  /** Calls back once it is known who one is: at once, or when the document is connected for the first time. */
  whenRunning(use: (engine: Engine) => void): void;
}

const known = new WeakMap<TreeDocument, Internals>();

export function keepInternals(document: TreeDocument, internals: Internals): void {
  known.set(document, internals);
}

/** Throws for what `openDocument` has not made. */
export function internalsOf(document: TreeDocument): Internals {
  const found = known.get(document);
  if (!found) throw new Error("this is no document of openDocument");
  return found;
}
