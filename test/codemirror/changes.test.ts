import { EditorState } from "@codemirror/state";
import { expect, test } from "vitest";
import { changesOf, rangesOf } from "../../src/codemirror/changes.ts";
import { EXACT_LINES } from "../../src/codemirror/lines.ts";
import { applyChanges } from "../../src/text/index.ts";

const stateOf = (doc: string) => EditorState.create({ doc, extensions: EXACT_LINES });

test.each<[string, { from: number; to?: number; insert?: string }[], (number | string)[]]>([
  ["at the beginning, with no keep in front", [{ from: 0, insert: "x" }], ["x"]],
  ["at the end", [{ from: 5, insert: "x" }], [5, "x"]],
  ["a line break", [{ from: 2, insert: "\n" }], [2, "\n"]],
  ["a range replaced", [{ from: 1, to: 3, insert: "xy" }], [1, "xy", -2]],
  [
    "many ranges",
    [
      { from: 0, to: 1 },
      { from: 2, insert: "x" },
      { from: 4, to: 5, insert: "yz" },
    ],
    [-1, 1, "x", 2, "yz", -1],
  ],
])("X80 a transaction is exact changes: %s", (_, ranges, expected) => {
  const state = stateOf("hello");
  const transaction = state.update({ changes: ranges });
  const changes = changesOf(transaction.changes);
  expect(changes).toEqual(expected);
  expect(applyChanges("hello", changes)).toBe(transaction.newDoc.toString());
  // And back: what others do is the same change in the editor.
  const shown = state.update({ changes: rangesOf(changes) });
  expect(changesOf(shown.changes)).toEqual(expected);
});

test.each(["a\r\nb", "a\rb", "\r\n", "a\n\r\n\rb", "a\u2028b"])(
  "X81 %j is in the editor unit by unit as it is in the text",
  (text) => {
    const state = stateOf(text);
    expect(state.doc.toString()).toBe(text);
    expect(state.doc.length).toBe(text.length);
    const typed = state.update({ changes: { from: text.length, insert: "\r\n!" } });
    expect(applyChanges(text, changesOf(typed.changes))).toBe(`${text}\r\n!`);
    expect(state.update({ changes: rangesOf([1, text]) }).newDoc.toString()).toBe(applyChanges(text, [1, text]));
  },
);
