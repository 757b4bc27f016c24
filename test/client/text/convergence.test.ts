import { afterAll, describe, expect, test } from "vitest";
import { seed, times } from "../../support/seed.ts";
import { simulate } from "./crowd.ts";
import { playOut } from "./street.ts";

const met = new Map<string, number>();
const note = (what: string) => void met.set(what, (met.get(what) ?? 0) + 1);

describe("simulated writers", { timeout: times(120_000) }, () => {
  test("X51, X52: replicas alone, several mutations ahead: all have what the object has, no character is lost or there twice", () => {
    for (let run = 0; run < times(300); run++) {
      const problems = simulate(seed + run, note);
      expect(problems, `seed ${seed + run}`).toEqual([]);
    }
  });

  test("X51–X58: whatever happens to connections, pages and the object, the same", async () => {
    for (let run = 0; run < times(60); run++) {
      const problems = await playOut(seed + run, note);
      expect(problems, `seed ${seed + run}`).toEqual([]);
    }
  });

  afterAll(() => console.info("the writers met", Object.fromEntries([...met].sort())));
});
