import type { Account } from "../account.ts";
import { siblingsOf } from "../picture.ts";

/** Two nodes that nobody placed or removed keep their order. */
export function order({ trees, deeds, end }: Account): string[] {
  const [first] = trees;
  if (!first) return [];
  const named = new Set(deeds.flatMap(({ act }) => ("id" in act && act.do !== "update" ? [act.id] : [])));
  const complaints: string[] = [];
  for (const [id, { parent }] of first) {
    if (named.has(id)) continue;
    for (const other of siblingsOf(first, id).slice(siblingsOf(first, id).indexOf(id) + 1)) {
      if (named.has(other) || end.get(id)?.parent !== parent || end.get(other)?.parent !== parent) continue;
      const now = siblingsOf(end, id);
      if (now.indexOf(id) > now.indexOf(other)) complaints.push(`${id} was before ${other}, and is behind it`);
    }
  }
  return complaints;
}
