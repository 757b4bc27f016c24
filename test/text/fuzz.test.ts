import { expect, test } from "vitest";
import { seed } from "../support/seed.ts";
import { sweep } from "./sweep.ts";

const SHARE = 0.01;

test("X1–X18 a share of the pairs, the triples and the runs of three clients", { timeout: 60_000 }, () => {
  const { runs, wrong } = sweep(seed, SHARE);
  expect(wrong).toEqual([]);
  expect(runs).toBeGreaterThan(20_000);
});
