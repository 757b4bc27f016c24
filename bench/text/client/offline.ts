import { mergeTexts, openDocument, type Platform, type TreeDocument } from "../../../src/client/index.ts";
import { createTestServer } from "../../../src/testing/index.ts";
import { createRandom } from "../../load/random.ts";
import { type Key, keysOf } from "../keys.ts";
import type { Merged } from "../merged.ts";

const ATTR = "text";
const DOCUMENT = "rows";
/** Keys in one row before somebody goes to another. */
const IN_A_ROW = 50;

/** So many keys are pressed offline in so many rows, while somebody else presses as many; everything in one process. */
export async function mergeOffline(keys: number, rows: number): Promise<Merged> {
  const server = createTestServer();
  const children = Array.from({ length: rows }, (_, row) => {
    return { id: `row${row}`, type: "row", attrs: { [ATTR]: `row ${row} is there before anybody types ` } };
  });
  server.call(DOCUMENT).getOrStart({ tree: { id: "root", type: "root", children } });
  const [away, here] = [server.machine(), server.machine()];
  const watch = createWatch();
  const open = (platform: Platform) => {
    const document = openDocument(server.url(DOCUMENT), { platform });
    mergeTexts(document);
    return document;
  };
  const [one, other] = [open(watch.platform(away)), open(here)];
  await server.settle();
  away.online = false;
  await server.settle();
  const typing = { key: 0 };
  const typed =
    lengthOf(one) +
    (await type(one, keys, rows, 1, async () => {}, typing)) +
    (await type(other, keys, rows, 2, () => server.settle()));
  await server.settle();
  watch.begin();
  const start = performance.now();
  away.online = true;
  for (let rounds = 0; one.pending > 0 || one.status.state !== "live"; rounds++) {
    if (rounds > 1_000) throw new Error(`${one.pending} mutations have no answer`);
    await server.advance(100);
  }
  const all = performance.now() - start;
  await server.settle();
  if (JSON.stringify(one.toData()) !== JSON.stringify(other.toData())) throw new Error("they see different texts");
  if (lengthOf(one) !== typed) throw new Error(`${typed} characters were typed, there are ${lengthOf(one)}`);
  return { all, ...watch.spent, key: typing.key };
}

/** Gives the characters by which the texts have become more. */
async function type(
  document: TreeDocument,
  keys: number,
  rows: number,
  seed: number,
  rest: () => Promise<void>,
  took = { key: 0 },
): Promise<number> {
  const random = createRandom(seed);
  let more = 0;
  let [row, caret, next]: [string, number, () => Key] = ["", 0, () => null];
  for (let key = 0; key < keys; key++) {
    if (key % IN_A_ROW === 0) {
      await rest();
      row = `row${random(rows)}`;
      caret = random(String(document.get(row)?.attrs[ATTR]).length);
      next = keysOf(key + seed);
    }
    const pressed = next();
    const changes = pressed === null ? [caret - 1, -1] : [...(caret > 0 ? [caret] : []), pressed];
    const start = performance.now();
    document.mutate((tx) => tx.edit(row, ATTR, changes));
    took.key = performance.now() - start;
    caret += pressed === null ? -1 : 1;
    more += pressed === null ? -1 : 1;
  }
  return more;
}

function lengthOf(document: TreeDocument): number {
  return document.children().reduce((sum, id) => sum + String(document.get(id)?.attrs[ATTR]).length, 0);
}

/** Times what a client does when something comes to it. */
function createWatch() {
  let isOn = false;
  let [client, longest] = [0, 0];
  const timed =
    <Given extends unknown[]>(call: (...given: Given) => void) =>
    (...given: Given) => {
      const start = performance.now();
      call(...given);
      const took = performance.now() - start;
      if (!isOn) return;
      client += took;
      longest = Math.max(longest, took);
    };
  return {
    platform: (machine: Platform): Platform => ({
      ...machine,
      connect: (url, { opened, received, closed }, token) =>
        machine.connect(url, { opened: timed(opened), received: timed(received), closed: timed(closed) }, token),
      after: (milliseconds, call) => machine.after(milliseconds, timed(call)),
    }),
    begin() {
      isOn = true;
    },
    get spent() {
      return { client, longest };
    },
  };
}
