import { expect, test } from "vitest";
import { createScene } from "./scene.ts";
import { tap } from "./tap.ts";

const MANY = 2_400;

test("R21: told to wait, the client waits and sends it again, in order, and nothing is lost", {
  timeout: 60_000,
}, async () => {
  const ids = Array.from({ length: MANY }, (_, at) => `n${at}`);
  const children = [
    { id: "a", type: "item", children: ids.map((id) => ({ id, type: "item" })) },
    { id: "b", type: "item" },
  ];
  const scene = createScene({ tree: { id: "root", type: "list", children } });
  const told: string[] = [];
  const machine = scene.server.machine();
  const tapped = tap(machine, {
    down(frame) {
      if (frame.includes('"rateLimited"')) told.push(frame);
      return frame;
    },
  });
  const ann = scene.open({ platform: tapped, machine });
  const bob = scene.open();
  await scene.settle();
  const MUTATIONS = 8;
  for (let round = 0; round < MUTATIONS; round++) {
    ann.doc.mutate((tx) => {
      for (const to of ["b", "a", "b", "a"]) for (const id of ids) tx.move(id, { parent: to });
      tx.update("a", { attrs: { round } });
    });
    bob.doc.mutate((tx) => tx.update("b", { attrs: { round } }));
    await scene.settle();
  }
  expect(told.length).toBeGreaterThan(0);
  await scene.server.advance(600_000);
  expect([ann.heard, bob.heard]).toMatchObject([
    { rejected: [], errors: [] },
    { rejected: [], errors: [] },
  ]);
  const rounds: unknown[] = [];
  for (let [after, more] = [0, true]; more; ) {
    const page = scene.server.call("plan").history({ after, limit: 1_000 });
    if (!page.ok) throw new Error(page.problem.message);
    ({ next: after, more } = page.value);
    for (const { ops } of page.value.entries)
      for (const each of ops) if (each.op === "update" && each.id === "a") rounds.push(each.attrs?.round);
  }
  expect(rounds).toEqual(Array.from({ length: MUTATIONS }, (_, at) => at));
  expect(ann.doc.toData()).toEqual(scene.truth());
});
