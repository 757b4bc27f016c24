import { failure, type Result } from "../protocol/index.ts";
import {
  type Between,
  createNet,
  createRoom,
  type GoingBack,
  type Meter,
  type Net,
  type Slices,
  type StoredDocument,
  treeAt,
} from "../storage.ts";
import type { ReadStore } from "../tree/index.ts";
import type { OpenDocument } from "./opening.ts";
import { firstTree, TOO_MUCH } from "./tree-answer.ts";

/** The seqs of two moments, and that of the tree of now, which is given. */
export interface Seqs {
  readonly earlier: number;
  readonly later: number;
  readonly now: number;
}

/** Two states of a document. */
export interface TwoTrees {
  readonly earlier: ReadStore;
  readonly later: ReadStore;
}

/** Reads two states with what the events between them name, and by whom. Costs these events. */
export function* twoMoments(
  { stored, compared }: Pick<OpenDocument, "stored" | "compared">,
  now: ReadStore,
  seqs: Seqs,
  meter: Meter,
): Slices<Result<TwoTrees & { readonly between: Between }>> {
  const between = yield* compared.between(seqs.earlier, seqs.later, meter);
  if (between === "expired") return expired(stored, seqs.earlier);
  if (between === "tooLarge") return tooLarge(seqs.earlier);
  const trees = yield* twoTrees(stored, now, seqs, meter);
  return trees.ok ? { ok: true, value: { ...trees.value, between } } : trees;
}

/** Reads two states with what differs between them. Costs the steps back that stand for the events between. */
export function* twoStates(
  stored: StoredDocument,
  now: ReadStore,
  seqs: Seqs,
  meter: Meter,
): Slices<Result<TwoTrees & { readonly net: Net }>> {
  const making = createNet();
  const trees = yield* twoTrees(stored, now, seqs, meter, making.going);
  if (!trees.ok) return trees;
  const net = yield* making.all(trees.value.later, meter);
  return net === "tooLarge" ? tooLarge(seqs.earlier) : { ok: true, value: { ...trees.value, net } };
}

function* twoTrees(
  stored: StoredDocument,
  tree: ReadStore,
  { earlier: first, later: last, now }: Seqs,
  meter: Meter,
  going?: GoingBack,
): Slices<Result<TwoTrees>> {
  const room = createRoom();
  const later = yield* treeAt(stored, tree, last, meter, now, room);
  const earlier = typeof later === "string" ? later : yield* treeAt(stored, later, first, meter, last, room, going);
  if (later === "expired" || earlier === "expired") return expired(stored, first);
  if (later === "tooLarge" || earlier === "tooLarge")
    return failure("tooLarge", `${TOO_MUCH} since seq ${first}; ask for a later one`);
  return { ok: true, value: { earlier, later } };
}

function expired(stored: StoredDocument, seq: number): Result<never> {
  return failure("expired", `${firstTree(stored)}, not ${seq}`);
}

function tooLarge(seq: number): Result<never> {
  return failure("tooLarge", `too many nodes differ since seq ${seq}; ask for a later one`);
}
