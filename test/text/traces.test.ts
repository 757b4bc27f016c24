import { describe, expect, test } from "vitest";
import { createBridge, createLongBridge } from "../../src/text/index.ts";
import { replayAsRows, replayAsText } from "./replay.ts";
import { hasTrace, readTrace } from "./trace.ts";

/** Typing of real people, with all that they did at the same time; where the traces are not there, that is the reason to skip. */
describe.each(["clownschool", "json-crdt-patch", "sveltecomponent"])("%s", (name) => {
  test.skipIf(!hasTrace(name))("X1–X17 ends in its end text as one text, by either bridge", () => {
    const trace = readTrace(name);
    expect(replayAsText(trace, createBridge)).toBe(trace.end);
    expect(replayAsText(trace, createLongBridge)).toBe(trace.end);
  });

  test.skipIf(!hasTrace(name))("X1–X17 ends in its end text as rows, for the server and each author", () => {
    const trace = readTrace(name);
    expect(new Set(replayAsRows(trace, createBridge))).toEqual(new Set([trace.end]));
  });
});
