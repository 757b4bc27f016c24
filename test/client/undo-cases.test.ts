import { describe, expect, test } from "vitest";
import type { Notice, Transaction, Undone } from "../../src/client/index.ts";
import { memory } from "../../src/client/keep/persistence.ts";
import type { NodeData } from "../../src/tree/index.ts";
import { createScene, type Person, type Scene } from "./scene.ts";

// What two people's undo is to come to, whoever's mutations arrive first; U as in docs/spec.md.

/** `k p(x) m`: children of the root, and what they hold; `n=0` with an attribute `v`. */
function treeOf(line: string): NodeData {
  const root: Open = { id: "root", type: "list", children: [] };
  const path = [root];
  for (const [token] of line.matchAll(/[a-z]\w*(?:=\d+)?|[()]/g)) {
    const above = path.at(-1);
    if (token === "(") path.push(above?.children.at(-1) ?? root);
    else if (token === ")") path.pop();
    else {
      const [id = "", value] = token.split("=");
      above?.children.push({ id, type: "item", ...(value && { attrs: { v: Number(value) } }), children: [] });
    }
  }
  return root;
}
interface Open extends NodeData {
  readonly children: Open[];
}

/** The same the other way round; `∅` for nothing. */
function lineOf({ children = [] }: NodeData): string {
  const text = ({ id = "", attrs, children: below = [] }: NodeData): string => {
    const value = attrs?.v === undefined ? "" : `=${attrs.v}`;
    return `${id}${value}${below.length > 0 ? `(${below.map(text).join(" ")})` : ""}`;
  };
  return children.map(text).join(" ") || "∅";
}

interface Meeting extends Scene {
  readonly a: Person;
  readonly b: Person;
  readonly noticed: Record<"a" | "b", Notice[]>;
  tree(): string;
}

async function meet(start: string): Promise<Meeting> {
  const scene = createScene({ tree: treeOf(start) });
  const [a, b] = [scene.open({ persist: memory() }), scene.open({ persist: memory() })];
  const noticed: Meeting["noticed"] = { a: [], b: [] };
  a.doc.on("notice", (notice) => void noticed.a.push(notice));
  b.doc.on("notice", (notice) => void noticed.b.push(notice));
  await scene.settle();
  return { ...scene, a, b, noticed, tree: () => lineOf(scene.truth()) };
}

/** Each acts without having heard of the other; what the first does arrives first. */
async function unseen(scene: Scene, ...acts: (readonly [Person, () => void])[]): Promise<void> {
  for (const [{ machine }] of acts) for (const way of ["up", "down"] as const) machine.hold(way);
  for (const [, act] of acts) act();
  for (const [{ machine }] of acts) {
    machine.release();
    await scene.settle();
  }
}

const change = ({ doc }: Person, how: (tx: Transaction) => void) => doc.mutate(how);
const insert = (who: Person, id: string, parent: string, at: { after?: string; before?: string } = {}) =>
  change(who, (tx) => void tx.insert({ id, type: "item" }, { parent, ...at }));
const move = (who: Person, id: string, parent: string, at: { after?: string } = {}) =>
  change(who, (tx) => tx.move(id, { parent, ...at }));
const remove = (who: Person, id: string) => change(who, (tx) => tx.remove(id));
const set = (who: Person, id: string, v: number) => change(who, (tx) => tx.update(id, { attrs: { v } }));

/** Undoes, and gives back what was told in the end. */
async function undo({ settle }: Scene, { undo: history }: Person, what: "undo" | "redo" = "undo") {
  const undone: Undone = history[what]();
  await settle();
  const { skipped } = (await undone.mutation?.committed) ?? {};
  return skipped?.map(({ id, why }) => `${id} ${why}`) ?? [];
}

/** With one first, and with the other first. */
const ORDERS = [
  ["A first", (acts: readonly (readonly [Person, () => void])[]) => acts],
  ["B first", (acts: readonly (readonly [Person, () => void])[]) => acts.toReversed()],
] as const;

describe.each(ORDERS)("U: what two do without having heard of each other, %s", (name, inOrder) => {
  test.each(["two mutations", "one"])("U5 `b(c)`: ins n c | rem c, rem b in %s", async (how) => {
    const room = await meet("b(c)");
    const { a, b } = room;
    const removal = () => {
      if (how === "one") change(b, (tx) => ["c", "b"].forEach(tx.remove));
      else for (const id of ["c", "b"]) remove(b, id);
    };
    await unseen(
      room,
      ...inOrder([
        [a, () => insert(a, "n", "c")],
        [b, removal],
      ]),
    );
    expect(room.tree()).toBe("n");
  });

  test("U5 `b(c)`: ins n c | rem b, undo, rem b, offline", async () => {
    const room = await meet("b(c)");
    const { a, b } = room;
    const acts = () => {
      remove(b, "b");
      b.undo.undo();
      remove(b, "b");
    };
    await unseen(
      room,
      ...inOrder([
        [a, () => insert(a, "n", "c")],
        [b, acts],
      ]),
    );
    expect(room.tree()).toBe("n");
  });

  test.each(["A", "B"])("U4 `a(x)`: rem a | mov x root; both undo, %s first", async (first) => {
    const room = await meet("a(x)");
    const { a, b } = room;
    await unseen(
      room,
      ...inOrder([
        [a, () => remove(a, "a")],
        [b, () => move(b, "x", "root")],
      ]),
    );
    for (const who of first === "A" ? [a, b] : [b, a]) await undo(room, who);
    expect(room.tree()).toBe("a(x)");
  });

  test("U3 `n{v=0}`: set v=1, undo offline | set v=2", async () => {
    const room = await meet("n=0");
    const { a, b } = room;
    set(a, "n", 1);
    await room.settle();
    let told: Promise<{ skipped?: unknown } | undefined> | undefined;
    const undoing = () => {
      told = a.undo.undo().mutation?.committed;
    };
    await unseen(
      room,
      ...inOrder([
        [a, undoing],
        [b, () => set(b, "n", 2)],
      ]),
    );
    expect(room.tree()).toBe("n=2");
    const skipped = { id: "n", why: "changed", seq: 2, client: b.doc.client, userId: null };
    if (name === "B first") expect((await told)?.skipped).toEqual([skipped]);
    if (name === "B first") expect(room.noticed.a).toMatchObject([{ why: "skipped", ids: ["n"] }]);
  });

  test("U4 `s(x) d`: mov x d, undo offline | rem d", async () => {
    const room = await meet("s(x) d");
    const { a, b } = room;
    move(b, "x", "d");
    await room.settle();
    await unseen(
      room,
      ...inOrder([
        [a, () => remove(a, "d")],
        [b, () => void b.undo.undo()],
      ]),
    );
    expect(room.tree()).toBe("s(x)");
  });

  test("U5 `a b c`: mov b >c | ins x >a <b; undone", async () => {
    for (const away of ["moved", "removed"]) {
      const room = await meet("a b c");
      const { a, b } = room;
      const act = () => (away === "moved" ? move(a, "b", "root", { after: "c" }) : remove(a, "b"));
      await unseen(
        room,
        ...inOrder([
          [a, act],
          [b, () => insert(b, "x", "root", { after: "a", before: "b" })],
        ]),
      );
      expect(await undo(room, a)).toEqual([]);
      expect(room.tree(), away).toBe("a x b c");
    }
  });

  test("U5 `p`: rem p | ins n p; undone, whichever came first", async () => {
    const room = await meet("p");
    const { a, b } = room;
    await unseen(
      room,
      ...inOrder([
        [a, () => remove(a, "p")],
        [b, () => insert(b, "n", "p")],
      ]),
    );
    expect(room.tree()).toBe("n");
    expect(await undo(room, a)).toEqual([]);
    expect(room.tree()).toBe("p(n)");
    expect(await undo(room, a, "redo")).toEqual([]);
    expect(room.tree()).toBe("n");
  });

  test("U6 `p(x)`: rem p | rem x; undone by A, then by B", async () => {
    const room = await meet("p(x)");
    const { a, b } = room;
    await unseen(
      room,
      ...inOrder([
        [a, () => remove(a, "p")],
        [b, () => remove(b, "x")],
      ]),
    );
    await undo(room, a);
    expect(room.tree()).toBe("p");
    await undo(room, b);
    expect(room.tree()).toBe("p(x)");
  });

  test("U2 `p`: ins n p | rem p; the insert undone", async () => {
    const room = await meet("p");
    const { a, b } = room;
    await unseen(
      room,
      ...inOrder([
        [a, () => insert(a, "n", "p")],
        [b, () => remove(b, "p")],
      ]),
    );
    expect(room.tree()).toBe("n");
    expect(await undo(room, a)).toEqual([]);
    expect(room.tree()).toBe("∅");
    await undo(room, b);
    expect(room.tree()).toBe("p");
    // It had stood beside p.
    expect(await undo(room, a, "redo")).toEqual(["n changed"]);
    expect(room.tree()).toBe("p(n)");
  });

  test.each(["A", "B"])("U6 both remove x; %s undoes, and is told who keeps it removed", async (first) => {
    const room = await meet("x y");
    const { a, b } = room;
    await unseen(
      room,
      ...inOrder([
        [a, () => remove(a, "x")],
        [b, () => remove(b, "x")],
      ]),
    );
    const [one, other] = first === "A" ? [a, b] : [b, a];
    const { mutation } = one.undo.undo();
    await room.settle();
    const skipped = [{ id: "x", why: "removed", client: other.doc.client }];
    expect((await mutation?.committed)?.skipped).toMatchObject(skipped);
    expect(room.tree()).toBe("y");
    expect(await undo(room, other)).toEqual([]);
    expect(room.tree()).toBe("x y");
  });

  test("U8 `p{v=0}`: set v=1 | rem p; both are told", async () => {
    const room = await meet("p=0");
    const { a, b } = room;
    await unseen(
      room,
      ...inOrder([
        [a, () => remove(a, "p")],
        [b, () => set(b, "p", 1)],
      ]),
    );
    expect(room.tree()).toBe("∅");
    expect(room.noticed.b).toMatchObject([{ why: "removed", ids: ["p"] }]);
    if (name === "B first") expect(room.noticed.a).toMatchObject([{ why: "updated", ids: ["p"] }]);
    await undo(room, a);
    expect(room.tree()).toBe("p=1");
  });

  test("U8 whose node was rescued, moved or written over unseen is told; who did it is, too", async () => {
    const room = await meet("p n=0 q");
    const { a, b } = room;
    const theirs = () => {
      insert(b, "m", "p");
      set(b, "n", 1);
      move(b, "q", "root", { after: "p" });
    };
    await unseen(
      room,
      [b, theirs],
      [
        a,
        () => {
          remove(a, "p");
          set(a, "n", 2);
          move(a, "q", "n");
        },
      ],
    );
    expect(room.noticed.b.map(({ why, ids, event }) => [why, ids, event.client])).toEqual([
      ["rescued", ["m"], a.doc.client],
      ["written", ["n"], a.doc.client],
      ["moved", ["q"], a.doc.client],
    ]);
    expect(room.noticed.a.map(({ why, ids }) => [why, ids])).toEqual([["rescued", ["m"]]]);
  });
});

describe("U: what one does, and another has seen", () => {
  test("U6 `k p(x) m`: A rem x, B rem p, A undoes: back inside p when p comes back", async () => {
    const room = await meet("k p(x) m");
    const { a, b } = room;
    remove(a, "x");
    await room.settle();
    remove(b, "p");
    await room.settle();
    expect(await undo(room, a)).toEqual(["x removed"]);
    expect(room.tree()).toBe("k m");
    await undo(room, b);
    expect(room.tree()).toBe("k p(x) m");
  });

  test.each(["A", "B"])(
    "U5 `a b`: A rem a, B rem b; undone by both, %s first, they stand as they stood",
    async (first) => {
      const room = await meet("a b");
      const { a, b } = room;
      remove(a, "a");
      await room.settle();
      remove(b, "b");
      await room.settle();
      for (const who of first === "A" ? [a, b] : [b, a]) expect(await undo(room, who)).toEqual([]);
      expect(room.tree()).toBe("a b");
    },
  );

  test("U9 `p(k)`: mov k root, rem p, reload, undo, undo: as without the reload", async () => {
    const scene = createScene({ tree: treeOf("p(k)") });
    const persist = memory();
    const before = scene.open({ persist });
    await scene.settle();
    move(before, "k", "root");
    remove(before, "p");
    await scene.settle();
    await before.doc.close();
    const after = scene.open({ persist });
    await scene.settle();
    expect(await undo(scene, after)).toEqual([]);
    expect(await undo(scene, after)).toEqual([]);
    expect(lineOf(scene.truth())).toBe("p(k)");
  });

  test("U9 rem p, reload, undo, redo before the answer: removed again, and can be undone", async () => {
    const scene = createScene({ tree: treeOf("p") });
    const persist = memory();
    const before = scene.open({ persist });
    await scene.settle();
    remove(before, "p");
    await scene.settle();
    await before.doc.close();
    const after = scene.open({ persist });
    await scene.settle();
    after.undo.undo();
    expect(after.undo.redo().mutation).not.toBeNull();
    await scene.settle();
    expect(lineOf(scene.truth())).toBe("∅");
    expect([after.undo.canUndo, after.undo.canRedo]).toEqual([true, false]);
    expect(await undo(scene, after)).toEqual([]);
    expect(lineOf(scene.truth())).toBe("p");
  });

  test("U1 a node with 12 000 children: removed, undone, and removed again, all of it each time", async () => {
    const children = Array.from({ length: 12_000 }, (_, index) => ({ id: `c${index}`, type: "item" }));
    const scene = createScene({ tree: { id: "root", type: "list", children: [{ id: "p", type: "item", children }] } });
    const person = scene.open();
    await scene.settle();
    remove(person, "p");
    await scene.settle();
    expect(await undo(scene, person)).toEqual([]);
    expect(scene.truth().children?.[0]?.children).toHaveLength(12_000);
    expect(person.doc.size).toBe(12_002);
    expect(await undo(scene, person, "redo")).toEqual([]);
    expect(lineOf(scene.truth())).toBe("∅");
    expect(person.doc.size).toBe(1);
  });
});
