import { failure, type Result } from "../protocol/index.ts";
import { type Between, createRoom, type Meter, type Slices, type StoredDocument, treeAt } from "../storage.ts";
import type { ReadStore } from "../tree/index.ts";
import type { OpenDocument } from "./opening.ts";
import { firstTree, TOO_MUCH } from "./tree-answer.ts";

/** Two states of a document, and what the events between them name. */
export interface TwoMoments {
  readonly earlier: ReadStore;
  readonly later: ReadStore;
  readonly between: Between;
}

/** Reads two states, given the tree of now. Costs the events from the earlier one on, and holds what differs from now. */
export function* twoMoments(
  { stored, compared }: Pick<OpenDocument, "stored" | "compared">,
  now: ReadStore,
  seqs: { readonly earlier: number; readonly later: number; readonly now: number },
  meter: Meter,
): Slices<Result<TwoMoments>> {
  const room = createRoom();
  const between = yield* compared.between(seqs.earlier, seqs.later, meter);
  if (between === "expired") return expired(stored, seqs.earlier);
  if (between === "tooLarge")
    return failure("tooLarge", `too many nodes differ since seq ${seqs.earlier}; ask for a later one`);
  const later = yield* treeAt(stored, now, seqs.later, meter, seqs.now, room);
  const earlier =
    typeof later === "string" ? later : yield* treeAt(stored, later, seqs.earlier, meter, seqs.later, room);
  if (later === "expired" || earlier === "expired") return expired(stored, seqs.earlier);
  if (later === "tooLarge" || earlier === "tooLarge")
    return failure("tooLarge", `${TOO_MUCH} since seq ${seqs.earlier}; ask for a later one`);
  return { ok: true, value: { earlier, later, between } };
}

function expired(stored: StoredDocument, seq: number): Result<never> {
  return failure("expired", `${firstTree(stored)}, not ${seq}`);
}
