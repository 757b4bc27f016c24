import { describe, expect, test } from "vitest";
import { seed, times } from "../../support/seed.ts";
import { type Kind, sweep } from "./sweep.ts";

/** `npm run fuzz` does all of it. */
const SHARES: Readonly<Record<Kind, number>> = { meetings: 0.0005, crowds: 0.002, streets: 0.003 };

describe("simulated writers", { timeout: times(120_000) }, () => {
  test.each<[string, Kind]>([
    [
      "X30, X31, X104, X109: pairs and triples of what people do unseen, moves, removals, restores and marks too",
      "meetings",
    ],
    [
      "X51, X52: replicas alone, several mutations ahead: all have what the object has, no character is lost or there twice",
      "crowds",
    ],
    ["X45, X51–X60, X94: whatever happens to connections, pages and the object, and is undone, the same", "streets"],
  ])("%s", async (_, kind) => {
    const { wrong, met } = await sweep(kind, seed, times(SHARES[kind]));
    expect(wrong).toEqual([]);
    console.info("the writers met", Object.fromEntries([...met].sort()));
  });
});
