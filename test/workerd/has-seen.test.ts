import { expect, test } from "vitest";
import { insert, move, remove } from "../tree/document.ts";
import { openDocument, treeOf } from "./http-client.ts";
import { memories } from "./sleeps.ts";
import { join } from "./socket-client.ts";

// What an author has seen decides C4 to C6. It is read from memory, after an eviction from the log, and after a
// checkpoint from the part of the log that a wake-up does not replay.
const family = "root\n  p\n    c\n  z";

test.each(memories)("C an author has seen its own events whatever its base says, %s", async (_, forget) => {
  const id = await openDocument("own", family);
  await (await join(id, "ann")).write(insert("n", "c"));
  await forget(id);
  const answer = await (await join(id, "ann")).write(remove("p"), { base: 0 });
  expect(answer).not.toHaveProperty("rescued");
  expect(await treeOf(id)).toBe("root\n  z");
});

test.each(memories)("C an author has not seen an event above its base, %s", async (_, forget) => {
  const id = await openDocument("above", family);
  const ann = await join(id, "ann");
  await ann.write(insert("m", "c"));
  await ann.write(insert("n", "c"));
  await forget(id);
  expect(await (await join(id, "bob")).write(remove("p"), { base: 1 })).toMatchObject({ rescued: ["n"] });
  expect(await treeOf(id)).toBe("root\n  n\n  z");
});

test.each(memories)("C without a base an author has seen everything, %s", async (_, forget) => {
  const id = await openDocument("all", family);
  await (await join(id, "ann")).write(insert("n", "c"));
  await forget(id);
  expect(await (await join(id, "bob")).write(remove("p"))).not.toHaveProperty("rescued");
  expect(await treeOf(id)).toBe("root\n  z");
});

test.each(memories)("C3 the rejection names the winner's seq and client, %s", async (_, forget) => {
  const id = await openDocument("winner", "root\n  a\n  b");
  await (await join(id, "ann")).write(move("a", "b"));
  await forget(id);
  const answer = await (await join(id, "bob")).write(move("b", "a"), { base: 0 });
  expect(answer).toMatchObject({ code: "cycle", op: 0, seq: 1, client: "ann", userId: null });
  expect(answer).toHaveProperty("message", expect.stringContaining("ann"));
});

test.each(memories)("T7 a move restores what was removed, %s", async (_, forget) => {
  const id = await openDocument("restore", family);
  await (await join(id, "ann")).write([insert("n", "c"), remove("p")]);
  await forget(id);
  const bob = await join(id, "bob");
  expect(await bob.write(move("p", "root"))).toMatchObject({
    ops: [{ op: "insert" }, { op: "insert" }, { op: "insert" }],
  });
  expect(await treeOf(id)).toBe("root\n  z\n  p\n    c\n      n");
  expect(bob.replica.outline()).toBe(await treeOf(id));
});
