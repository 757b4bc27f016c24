import { describe, expect, it } from "vitest";
import { createSlots } from "../../src/session/slots.ts";

/** Whose turns come, as long as these have so much to do. */
function turnsOf(amounts: Readonly<Record<"written" | "received" | "read", number>>): string {
  const left = { ...amounts };
  let done = "";
  const work = (kind: keyof typeof left) => ({
    get waiting() {
      return left[kind] > 0;
    },
    next(now: number) {
      expect(now).toBe(7);
      left[kind]--;
      done += kind[2];
    },
  });
  const slots = createSlots({ written: work("written"), received: work("received"), read: work("read") });
  while (slots.waiting) slots.next(7);
  slots.next(7);
  return done;
}

describe("whose turn it is", () => {
  it("B1 a checkpoint has four of six turns, what was sent one, what takes long to read one", () => {
    expect(turnsOf({ written: 8, received: 2, read: 2 })).toBe("iciaiiiciaii");
  });

  it("B1 who has nothing to do loses no time for the others", () => {
    expect(turnsOf({ written: 0, received: 2, read: 3 })).toBe("cacaa");
    expect(turnsOf({ written: 1, received: 0, read: 0 })).toBe("i");
    expect(turnsOf({ written: 5, received: 1, read: 0 })).toBe("iciiii");
  });
});
