import { expect, test } from "vitest";
import { seed } from "../support/seed.ts";
import { reportOf, sweep } from "./sweep.ts";

/** `npm run fuzz` does all of it. */
const SHARE = 0.01;

test("R12: a hundredth of every pair and triple of acts, and random scripts of three people, break no rule of undo", async () => {
  const found = await sweep(seed, SHARE);
  console.info("the scripts met", Object.fromEntries([...found.met].sort()));
  expect(found.enumerated).toBeGreaterThan(600);
  expect(found.random).toBe(200);
  const least = (count: number, ...names: string[]) => {
    for (const name of names) expect(found.met.get(name) ?? 0, name).toBeGreaterThanOrEqual(count);
  };
  least(200, "undo took effect", "redo took effect", "left is looked at", "everything made again");
  least(20, "undo while away", "redirected", "rescued", "removed", "came to nothing");
  least(10, "told: changed");
  least(2, "redo while away");
  expect(reportOf(found)).toBe("");
}, 600_000);
