import { expect, test } from "vitest";
import { createScene, text, write } from "./scene.ts";

test("V81 what a client has on its way when a backup takes the place of its document is done once", async () => {
  const { server, open, settle } = createScene();
  const machine = server.machine();
  const ann = open({ machine });
  await settle();
  write(ann.doc, "a", "first");
  await settle();
  // The next one is done, and its answer does not come; the one behind it is in no backup.
  machine.hold("down");
  write(ann.doc, "a", "second");
  await settle();
  const backup = server.call("plan").export({ history: true });
  if (!backup.ok) throw new Error("it can be backed up");
  write(ann.doc, "a", "third");
  await settle();
  server.call("plan").mutate({ ops: [{ op: "update", id: "root", attrs: { later: true } }] });
  server.call("plan").destroy();
  expect(server.call("plan").import(backup.value)).toMatchObject({ ok: true });
  machine.cut();
  machine.release();
  await server.advance(60_000);
  const history = server.call("plan").history();
  if (!history.ok) throw new Error("there is a history");
  expect(history.value.entries.map(({ mutation, ops }) => [mutation, ops])).toMatchObject([
    [1, [{ attrs: { text: "first" } }]],
    [2, [{ attrs: { text: "second" } }]],
    [3, [{ attrs: { text: "third" } }]],
  ]);
  expect([text(ann.doc, "a"), ann.doc.pending, ann.doc.seq, ann.doc.status.state]).toEqual(["third", 0, 3, "live"]);
  expect(ann.heard.rejected).toEqual([]);
  expect(server.call("plan").getState({ node: "root", depth: 0 })).not.toHaveProperty("value.tree.attrs.later");
});
