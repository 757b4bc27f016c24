import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeMutation, LIMITS } from "../../src/protocol/index.ts";
import { runs } from "../support/seed.ts";
import { openDocument } from "../tree/document.ts";
import { playAll } from "../tree/play.ts";
import { history } from "../tree/random-history.ts";
import { problemIn } from "./frames.ts";

/** What a client is told when it sends an update and then, to undo it, the inverse that the history gives it. */
function undoing(update: object): unknown {
  const decoded = decodeMutation({ ops: [{ op: "update", id: "a", ...update }] });
  if (!decoded.ok) throw new Error(decoded.problem.message);
  const document = openDocument("root\n  a");
  document.by("ann", decoded.value.ops);
  return problemIn(decodeMutation(JSON.parse(JSON.stringify({ ops: document.events[0]?.inverse }))));
}

describe("T9: an inverse is an operation that a client may send", { timeout: 60_000 }, () => {
  it("T9 whatever the event did", () => {
    const sendable = (steps: Parameters<typeof playAll>[0]) => {
      for (const { inverse } of playAll(steps).events) {
        expect(problemIn(decodeMutation(JSON.parse(JSON.stringify({ ops: inverse }))))).toBeNull();
      }
    };
    fc.assert(fc.property(history, sendable), runs(100));
  });

  it("T9 whatever the attribute is called: what can be set can be unset", () => {
    expect(undoing({ attrs: { x: 1 } })).toBeNull();
    expect(undoing({ attrs: { "": 1 } })).toBeNull();
  });

  it("T9 however many attributes an update names", () => {
    const keys = Array.from({ length: LIMITS.attrsPerNode }, (_, index) => `k${index}`);
    const attrs = Object.fromEntries(keys.map((key) => [key, 1]));
    expect(undoing({ attrs })).toBeNull();
    expect(undoing({ attrs, unset: ["absent"] })).toBeNull();
  });
});
