import { expect, test } from "vitest";
import { createCarets, type Told } from "../../src/editors/carets.ts";
import { openPair, row, text } from "../client/text/writing.ts";

test("X82 a caret is told where its owner has moved or typed, and not where it goes along with what others type", async () => {
  const { scene, ann, bob } = await openPair([row("a", "hello")]);
  const told: Told["cursor"][] = [];
  const carets = createCarets(ann.doc, { tell: ({ cursor }) => told.push(cursor) }, () => {});
  const tell = (index: number) => {
    carets.tell({ id: "a", attr: "text", index });
    return told.splice(0).map((cursor) => Object(cursor).index);
  };
  expect(tell(3)).toEqual([3]);
  expect(tell(3)).toEqual([]);
  text(bob).insert(0, "Oh, ");
  await scene.settle();
  expect(tell(7)).toEqual([]);
  text(bob).insert(7, "X");
  await scene.settle();
  expect(tell(7)).toEqual([]);
  // Others do not know whether that is in it already.
  text(ann).delete(6, 1);
  expect(tell(6)).toEqual([6]);
  expect(tell(5)).toEqual([5]);
  carets.release();
  expect(told.splice(0)).toEqual([null]);
});
