import { expect, it } from "vitest";
import type { DiffQuery } from "../../src/protocol/index.ts";
import type { NodeData, Operation } from "../../src/tree/index.ts";
import { seed } from "../support/seed.ts";
import { createScene, FIRST, principalOf } from "./scene.ts";

const ROWS = 8;
const EVENTS = 120;
const TREE: NodeData = {
  ...{ id: "root", type: "list" },
  children: Array.from({ length: ROWS }, (_, at) => ({ id: `r${at}`, type: "row", attrs: { text: `row ${at}` } })),
};

it("V125 a restore, and the operations of a diff, read no event that a step back stands for, and come to the same", () => {
  const scene = createScene(seed, TREE);
  const { server, chance } = scene;
  for (let index = 0; index < EVENTS; index++) {
    const [id, after] = [`r${chance.below(ROWS)}`, `r${chance.below(ROWS)}`];
    const does = chance.pick<Operation>(
      [
        { op: "edit", id, attr: "text", changes: [`${index} `] },
        { op: "update", id, attrs: { done: index } },
        { op: "move", id, parent: "root", after: id === after ? null : after },
      ],
      { op: "remove", id },
    );
    scene.does(FIRST, { ops: [does] });
  }
  const last = scene.trees.length - 1;
  const ask = () => {
    const query: DiffQuery = { from: { seq: 2 }, to: { seq: last }, limit: 1_000 };
    const restore = { to: { seq: 2 }, dryRun: true, others: "remove" } as const;
    return {
      restored: server.ask((calls, now) => calls.restore(restore, principalOf(FIRST), now)),
      forwards: server.ask((calls, now) => calls.diff({ ...query, ops: true }, now)),
      backwards: server.ask((calls, now) => calls.diff({ ...query, from: query.to, to: query.from, ops: true }, now)),
      nodes: server.ask((calls, now) => calls.diff(query, now)),
    };
  };
  const all = ask();
  scene.makeSteps();
  server.sql.exec("DELETE FROM events WHERE first BETWEEN 20 AND 100");
  const { nodes, ...found } = ask();
  expect(nodes?.ok, "these events are gone").toBe(false);
  expect(found).toEqual({ restored: all.restored, forwards: all.forwards, backwards: all.backwards });
  expect(found.restored).toMatchObject({ ok: true, value: { ops: expect.arrayContaining([expect.anything()]) } });
});
