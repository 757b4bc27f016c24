import { describe, expect, test } from "vitest";
import { createBridge, createLongBridge } from "../../src/text/index.ts";
import { missingTraces, readTextTrace, TEXT_TRACES } from "../support/text-traces.ts";
import { replayAsRows, replayAsText } from "./replay.ts";

/** Typing of real people, with all that they did at the same time; where the traces are not there, that is the reason to skip. */
describe.each(TEXT_TRACES)("%s", (name) => {
  const isMissing = missingTraces([name]) !== null;
  test.skipIf(isMissing)("X1–X17 ends in its end text as one text, by either bridge", () => {
    const trace = readTextTrace(name);
    expect(replayAsText(trace, createBridge)).toBe(trace.endContent);
    expect(replayAsText(trace, createLongBridge)).toBe(trace.endContent);
  });

  test.skipIf(isMissing)("X1–X17 ends in its end text as rows, for the server and each author", () => {
    const trace = readTextTrace(name);
    expect(new Set(replayAsRows(trace, createBridge))).toEqual(new Set([trace.endContent]));
  });
});
