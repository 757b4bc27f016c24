import { expect, onTestFinished, test, vi } from "vitest";
import { createMirror } from "../../src/dom/mirror.ts";
import { createChannel } from "./channel.ts";
import { fakeField } from "./field.ts";

function stage(value: string, how?: Parameters<typeof fakeField>[1]) {
  const channel = createChannel(value);
  const [text, other] = [channel.join(), channel.join()];
  const field = fakeField("", how);
  const mirror = createMirror(field, text);
  return {
    ...{ channel, text, other, field, mirror },
    /** Somebody else edits, and it arrives. */
    elsewhere(...changes: (number | string)[]) {
      other.edit(changes);
      channel.settle();
    },
    type(inserted: string) {
      field.type(inserted);
      mirror.read();
    },
  };
}

test("[X70] the field shows the text, and what is done in one of them is in the other", () => {
  const { field, text, type, elsewhere, channel } = stage("hello");
  expect(field.read()).toBe("hello");
  field.select({ start: 5, end: 5 });
  type("!");
  expect(text.edits).toEqual([[5, "!"]]);
  elsewhere("Oh, ");
  expect(field.picture).toBe("Oh, hello!|");
  expect(channel.value).toBe("Oh, hello!");
});

test.each([
  ["before", ["X"], "Xhe|llo"],
  ["right at it", [2, "X"], "he|Xllo"],
  ["behind", [4, "X"], "he|llXo"],
  ["around", [1, -3], "h|o"],
  ["in several places", [1, "X", 1, "Y", 2, "Z"], "hXe|YllZo"],
])("[X73] what others do %s leaves the caret between the same letters", (_where, changes, picture) => {
  const { field, elsewhere } = stage("hello");
  field.select({ start: 2, end: 2 });
  elsewhere(...changes);
  expect(field.picture).toBe(picture);
});

test.each([
  ["at its ends", [1, "X", 3, "Y"], "hX[ell]Yo"],
  ["inside", [2, "X"], "h[eXll]o"],
  ["over its beginning", [-2], "[ll]o"],
])("[X73] a selection takes in nothing that others insert %s", (_where, changes, picture) => {
  const { field, elsewhere } = stage("hello");
  field.select({ start: 1, end: 4, direction: "backward" });
  elsewhere(...changes);
  expect(field.picture).toBe(picture);
  expect(field.selected()).toMatchObject({ direction: "backward" });
});

test("[X73] the caret goes along with what is done here, as by undo or a button", () => {
  const { field, text } = stage("hello");
  field.select({ start: 2, end: 2 });
  text.change([2, "XY"]);
  expect(field.picture).toBe("heXY|llo");
});

test("[X73] where the focus is elsewhere the selection is left alone", () => {
  const { field, elsewhere } = stage("hello", { focused: false });
  field.select({ start: 2, end: 2 });
  elsewhere("X");
  expect(field.read()).toBe("Xhello");
});

test("[X74] while somebody composes nothing is written, and what is composed goes out as it is typed", () => {
  const { field, mirror, elsewhere, type, text, channel } = stage("hello");
  field.select({ start: 2, end: 2 });
  mirror.hold();
  type("n");
  elsewhere("X");
  elsewhere(1, -1);
  type("i");
  const before = field.writes;
  expect(field.picture).toBe("heni|llo");
  expect(text.value).toBe("Xenillo");
  channel.settle();
  elsewhere(4, "Y");
  field.select({ start: 2, end: 4 });
  type("你");
  expect(field.writes).toBe(before);
  expect(text.value).toBe("Xe你Yllo");
  mirror.letGo();
  expect(field.picture).toBe("Xe你|Yllo");
  channel.settle();
  expect(channel.value).toBe("Xe你Yllo");
});

test("[X74] what others insert right before the composed text stays before it, and right behind it behind", () => {
  const { field, mirror, elsewhere, type, channel } = stage("hello");
  field.select({ start: 2, end: 2 });
  mirror.hold();
  type("ni");
  channel.settle();
  elsewhere(2, "X");
  elsewhere(5, "Y");
  field.select({ start: 2, end: 4 });
  type("你");
  mirror.letGo();
  expect(field.picture).toBe("heX你|Yllo");
  channel.settle();
  expect(channel.value).toBe("heX你Yllo");
});

test("[X74] a place in the text is right also while something is held", () => {
  const { field, mirror, elsewhere } = stage("hello");
  field.select({ start: 2, end: 2 });
  mirror.hold();
  elsewhere("XX");
  expect(mirror.selected()).toMatchObject({ start: 4, end: 4 });
});

test("[X70] an edit that is refused is taken out of the field again", () => {
  const { field, mirror, text } = stage("hello");
  const refusing = createMirror(field, { value: "hello", on: text.on, edit: () => {} });
  mirror.release();
  field.select({ start: 2, end: 2 });
  field.type("XY");
  refusing.read();
  expect(field.picture).toBe("he|llo");
});

test("[X75] what a field can't show stands there as spaces, and stays what it is in the text", () => {
  const { field, type, text } = stage("a\nb\nc", { lost: /[\r\n]/g });
  expect(field.read()).toBe("a b c");
  field.select({ start: 3, end: 3 });
  type("X");
  expect(text.value).toBe("a\nbX\nc");
  field.select({ start: 1, end: 2 });
  type("");
  expect(text.value).toBe("abX\nc");
  expect(field.picture).toBe("a|bX c");
});

test("[X70] what ends is left as it is", () => {
  const { field, mirror, elsewhere } = stage("hello");
  mirror.release();
  elsewhere("X");
  expect(field.read()).toBe("hello");
});

test("X111 X112 what is typed has one group up to a move of the caret, whatever others do; what is pasted has its own", () => {
  // No pause, however slow the machine.
  onTestFinished(() => void vi.useRealTimers());
  vi.useFakeTimers({ toFake: ["Date"] });
  const { field, mirror, text, type, elsewhere } = stage("hello");
  for (const letter of "abc") type(letter);
  elsewhere("X");
  mirror.look();
  type("d");
  field.select({ start: 0, end: 0 });
  mirror.look();
  type("e");
  mirror.replace({ start: 1, end: 1 }, "pasted");
  type("f");
  const [a, b, c, d, e, pasted, f] = text.groups;
  expect([b, c, d]).toEqual([a, a, a]);
  expect(new Set([a, e, pasted, f]).size).toBe(4);
});
