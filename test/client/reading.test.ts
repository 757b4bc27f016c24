import { describe, expect, test } from "vitest";
import { createScene, text, write } from "./scene.ts";

// What renders, in an application that renders when it is told of a change and finds another object.

describe("what is read", () => {
  test("[R3] a list of children stays the same object when its node has other content", async () => {
    const { open, settle } = createScene();
    const [ann, bob] = [open(), open()];
    await settle();
    const list = ann.doc.children("root");
    write(bob.doc, "root", "Title");
    await settle();
    expect(text(ann.doc, "root")).toBe("Title");
    expect(ann.doc.children("root")).toBe(list);
    ann.doc.mutate((tx) => tx.remove("a"));
    expect(ann.doc.children("root")).toEqual(["b"]);
  });

  test("[R13] presence is told, and another list, only when others have changed", async () => {
    const { open, settle, server } = createScene();
    const [ann, bob] = [open(), open()];
    const heard: unknown[] = [];
    ann.doc.on("presence", (others) => heard.push(others.map(({ data }) => data)));
    await settle();
    ann.doc.presence.set("Ann");
    await settle();
    expect(heard).toEqual([]);
    bob.doc.presence.set("Bob");
    await settle();
    const { others } = ann.doc.presence;
    ann.doc.presence.set("Ann, again");
    await server.advance(1_000);
    expect(ann.doc.presence.others).toBe(others);
    await bob.doc.close();
    await settle();
    expect(heard).toEqual([["Bob"], []]);
  });

  test("[R4] what was done right before it was closed is sent", async () => {
    const { open, settle, truth } = createScene();
    const ann = open();
    await settle();
    write(ann.doc, "a", "A");
    // The first is on its way, and the next frame not due yet.
    await Promise.resolve();
    write(ann.doc, "b", "B");
    void ann.doc.close();
    await settle();
    expect(truth().children).toMatchObject([{ attrs: { text: "A" } }, { attrs: { text: "B" } }]);
  });
});
