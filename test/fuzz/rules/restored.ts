import type { Account } from "../account.ts";
import { lineOf } from "../picture.ts";

/** Where nobody else acted, making everything again that was undone restores the tree, if nothing was left out. */
export function restored(played: Account, undone: Account, redone: Account): string[] {
  const undos = undone.deeds.slice(played.deeds.length);
  const isWhole = undos.every(({ made, seq, told }) => made && seq !== null && told.length === 0);
  if (!isWhole || lineOf(played.end) === lineOf(redone.end)) return [];
  return [`undone and made again it is ${lineOf(redone.end)}; it was ${lineOf(played.end)}`];
}
