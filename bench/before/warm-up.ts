import type { Operation } from "../../src/tree/index.ts";
import { call, heldOf, mutate } from "../large/client.ts";
import { openAuthor } from "./author.ts";
import { ask } from "./requests.ts";
import type { Standing } from "./sides.ts";

const DOCUMENT = "warm";
const ROUNDS = 20;
const NODES = 500;

/**
 * A server that has just been started compiles what it runs: it does all of that once with another, small document, so
 * that what is cold afterwards is an object and not the code.
 */
export async function warmUp({ side, served }: Standing): Promise<void> {
  const url = `${served.url}/documents/${DOCUMENT}`;
  const address = { url: served.socketUrl, document: DOCUMENT };
  const children = Array.from({ length: NODES }, (_, index) => ({ id: `n${index}`, type: "row", attrs: { index } }));
  await call(url, "PUT", { tree: { id: "root", type: "page", children } });
  const author = await openAuthor(side.protocol, address, "warm", { ...(await heldOf(url)) });
  for (let round = 0; round < ROUNDS; round++) {
    for (const ops of edits(`n${2 * round}`, `n${2 * round + 1}`, round)) await author.mutate(ops);
    await mutate(url, [{ op: "move", id: `n${2 * round}`, parent: `n${2 * round + 1}` }]);
    await ask(`${url}/tree`);
  }
  await author.close();
  await call(url, "DELETE");
}

function edits(one: string, other: string, round: number): Operation[][] {
  return [
    [{ op: "insert", node: { type: "row", attrs: { round } }, parent: one }],
    [{ op: "update", id: one, attrs: { round } }],
    [{ op: "remove", id: one }],
    [{ op: "move", id: one, parent: "root", after: null }],
    [{ op: "move", id: one, parent: "root", after: other }],
  ];
}
