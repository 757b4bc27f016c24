import { describe, expect, it } from "vitest";
import { parsedWeight } from "../../src/protocol/index.ts";

const LARGE = 1_000_000_000;
/** Long enough to be looked at, with so many of what counts. */
const weigh = (json: string) => parsedWeight(json + " ".repeat(LARGE / 64 + 1), LARGE);

describe("B54 what a text takes when it is parsed", () => {
  it.each([
    ["nothing", "", 0],
    ["a list", "[]", 64],
    ["lists in lists", "[[[1]]]", 192],
    ["elements", "[1,2,3]", 64 + 2 * 28],
    ["an object", "{}", 64],
    ["a field whose key is new", '{"a":1}', 64 + 128],
    ["more fields", '{"a":1,"a":2 , "a" :3}', 64 + 2 * 20 + 128],
    ["the same key again, with spaces", '[{"a":1},{"a" \n:2}]', 3 * 64 + 28 + 128],
    ["a text as a value", '["a","a:","[{,"]', 64 + 2 * 28],
    ["quotes and backslashes in texts", String.raw`["\"[,","\\",["\\\"["]]`, 2 * 64 + 2 * 28],
    ["a text without an end", '["abc[[[', 64],
  ])("%s", (_, json, weight) => {
    expect(weigh(json)).toBe(weight);
  });

  it("is not looked for where it cannot matter, and not further than it does", () => {
    expect(parsedWeight("[[]]", 4 * 64)).toBe(4 * 64);
    expect(parsedWeight("[".repeat(100), 10 * 64)).toBe(11 * 64);
  });

  it("is as much for one of many keys as if none of them came again", () => {
    const keys = Array.from({ length: 5_000 }, (_, index) => `"k${index}":1`).join();
    expect(weigh(`[{${keys}},{${keys}}]`)).toBe(3 * 64 + 2 * 4_999 * 20 + 28 + 5_000 * 128 + 904 * 128);
  });
});
