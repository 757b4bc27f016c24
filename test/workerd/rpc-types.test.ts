import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

// What README promises to another Worker. That it compiles is half of the test: recursive types once made it fail.
test("H3 a Worker calls a document with types", async () => {
  const document = env.DOCUMENTS.getByName("typed");
  const created = await document.getOrStart({ tree: { id: "root", type: "list" } });
  if (!created.ok) throw new Error(created.problem.message);
  expect(created.value.created).toBe(true);

  const answer = await document.mutate({
    ops: [{ op: "insert", parent: "root", node: { id: "a", type: "item", attrs: { tags: ["x"] } } }],
  });
  if (!answer.ok) throw new Error(answer.problem.message);
  expect(answer.value.seq + 0).toBe(1);
  expect(answer.value.ops[0]?.op).toBe("insert");

  const state = await document.getState({ depth: 1 });
  if (!state.ok) throw new Error(state.problem.message);
  expect(state.value.tree.children?.[0]?.attrs).toEqual({ tags: ["x"] });

  const history = await document.history({ limit: 10, inverse: true });
  if (!history.ok) throw new Error(history.problem.message);
  expect(history.value.entries[0]?.inverse).toEqual([{ op: "remove", id: "a", was: null }]);

  const sessions = await document.historySessions({ summary: true });
  if (!sessions.ok) throw new Error(sessions.problem.message);
  expect(sessions.value.entries[0]?.summary).toBe("added an item");

  const info = await document.info();
  expect(info.ok && info.value.treeSize).toBe(2);
  expect((await document.stop()).ok).toBe(true);
  expect((await document.destroy()).ok).toBe(true);
});
