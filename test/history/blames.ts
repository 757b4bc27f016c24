import type { BlameCursor, BlamePage, LoggedEvent, Made } from "../../src/protocol/index.ts";
import { entriesOf } from "../../src/storage.ts";
import { accountOf, textOf } from "../session/blame-account.ts";
import { ATTR, nodesIn } from "./deeds.ts";
import type { Scene } from "./scene.ts";

/** Whose everything is, as told by the log read forward, and by values that nobody else has ever written. */
export function checkBlames(scene: Scene): void {
  const { trees, same } = scene;
  const [start] = trees;
  const begun = new Map(
    Array.from(nodesIn(start ?? { type: "" }), ([id, { attrs }]) => [id, String(attrs?.[ATTR] ?? "")]),
  );
  const entries = [...scene.stored().log.after(0)].flatMap(entriesOf);
  const account = accountOf(entries, begun);
  const byOf = (seq: number | null) => (seq === null ? "?" : (entries[seq - 1]?.client ?? null));
  for (const [id, { attrs }] of nodesIn(trees.at(-1) ?? { type: "" })) {
    const says = `blame of ${id}`;
    const units = account(id);
    same(textOf(units), String(attrs?.[ATTR] ?? ""), `${says}: the text by the log`);
    const told = blameOf(scene, id);
    const typed = blameOf(scene, id, ATTR);
    if (!told || !typed) continue;
    same(
      typed.units.map(byOf),
      units.map(({ seq }) => byOf(seq)),
      `${says}: who has typed ${textOf(units)}`,
    );
    same(clientOf(told.inserted), insertionOf(entries, scene, id)?.client ?? null, `${says}: who has inserted it`);
    checkValue(scene, entries, says, attrs?.v, told.attrs.v);
    checkPlace(scene, entries, says, id, told);
  }
}

interface Told {
  readonly units: (number | null)[];
  readonly inserted: Made | undefined;
  readonly moved: Made | undefined;
  readonly attrs: BlamePage["attrs"];
}

/** All pages put together. */
function blameOf({ server, problems }: Scene, node: string, attr?: string): Told | null {
  const units: (number | null)[] = [];
  const attrs: Record<string, Made> = {};
  let inserted: Made | undefined;
  let moved: Made | undefined;
  for (let next: string | null = null, pages = 0; ; pages++) {
    const before: BlameCursor | undefined = next === null ? undefined : JSON.parse(next);
    const answer = server.ask((calls, now) => calls.blame({ node, attr, before }, now));
    if (!answer?.ok || pages > 100) {
      problems.push(`blame of ${node}: ${JSON.stringify(answer)}`);
      return null;
    }
    const page: BlamePage = answer.value;
    inserted = page.inserted ?? inserted;
    moved = page.moved ?? moved;
    Object.assign(attrs, page.attrs);
    for (const run of page.texts[ATTR] ?? []) {
      const seq = "before" in run ? 0 : run.seq;
      for (let at = run.from; at < run.to; at++) if (seq !== null || units[at] === undefined) units[at] = seq;
    }
    next = page.next;
    if (next === null) break;
  }
  return { units, inserted, moved, attrs };
}

/** The event that has inserted a node; none where it was there at first. */
function insertionOf(entries: readonly LoggedEvent[], { trees: [start] }: Scene, id: string): LoggedEvent | undefined {
  if (start && nodesIn(start).has(id)) return undefined;
  return entries.find(({ ops }) => ops.some((each) => each.op === "insert" && each.node.id === id));
}

function clientOf(made: Made | undefined): string | null {
  return made && "client" in made ? made.client : null;
}

/** Each value is its author's for ever: but who restores writes it, too. */
function checkValue(
  { expect }: Scene,
  entries: readonly LoggedEvent[],
  says: string,
  value: unknown,
  made: Made | undefined,
): void {
  if (typeof value !== "string") return;
  const client = clientOf(made);
  const isRestored = entries.some((each) => each.client === client && each.meta?.restored !== undefined);
  expect(value.startsWith(`${client} `) || isRestored, () => `${says}: ${value} is said to be of ${client}`);
}

/** Where no undo has touched a node, the last event that has put it somewhere, and not only what it stands in. */
function checkPlace(scene: Scene, entries: readonly LoggedEvent[], says: string, id: string, { moved }: Told): void {
  const inserted = insertionOf(entries, scene, id)?.seq;
  let placed: number | null = null;
  for (const { seq, ops, inverse, undoes, redoes } of entries) {
    for (const effect of ops) {
      const named = effect.op === "insert" ? effect.node.id : effect.id;
      if (named !== id || effect.op === "update" || effect.op === "edit") continue;
      if (undoes || redoes || effect.op === "remove" || effect.follows) return;
      if (seq === inserted || inverse.some((each) => each.id === id && (each.op === "move" || each.op === "remove")))
        placed = seq;
    }
  }
  scene.same(
    moved && "seq" in moved ? moved.seq : null,
    placed === inserted ? null : placed,
    `${says}: who has put it there`,
  );
}
