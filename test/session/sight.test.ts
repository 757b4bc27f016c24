import { describe, expect, it } from "vitest";
import type { ServerMessage } from "../../src/protocol/index.ts";
import { createLooks, sightOf } from "../../src/session/sight.ts";
import { createMemoryTables } from "../../src/storage.ts";
import { mustGet, type Operation } from "../../src/tree/index.ts";
import { createWriter } from "../support/writer.ts";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { openRoom, type Room, type Visitor } from "./room.ts";

/** Sends one mutation with a base and returns its answer. */
function answerTo(room: Room, visitor: Visitor, mutation: number, base: number, ...ops: Operation[]) {
  room.settle();
  visitor.hear();
  visitor.send({ type: "mutate", mutations: [{ mutation, base, ops }] });
  room.settle();
  return visitor
    .hear()
    .flatMap(answersIn)
    .find((answer) => answer.mutation === mutation);
}

function answersIn(message: ServerMessage): { mutation: number | null; code?: string; rescued?: readonly string[] }[] {
  if (message.type === "reject") return [message];
  return message.type === "delta" ? [...message.events] : [];
}

/** A document with a branch `a` of so many nodes. */
function withBranch(nodes: number): Room {
  const children = Array.from({ length: nodes }, (_, index) => item(`n${index}`));
  return openRoom(item("root", item("a", ...children), item("b"), item("c")));
}

/** Many events by others, a few hundred a commit. */
function busy(room: Room, events: number): void {
  const bob = room.enter("bob");
  let mutation = 0;
  while (mutation < events) {
    const count = Math.min(256, events - mutation);
    const mutations = Array.from({ length: count }, () => ({ mutation: ++mutation, ops: [update("b", { mutation })] }));
    bob.send({ type: "mutate", mutations });
    bob.hear();
  }
  room.settle();
  bob.drop();
}

/** How many statements read bodies of the log, from now on. */
function countReads({ server: { sql } }: Room): () => number {
  const { exec } = sql;
  let reads = 0;
  sql.exec = (statement, ...values) => {
    if (/SELECT .*body.* FROM events/s.test(statement)) reads++;
    return exec.call(sql, statement, ...values);
  };
  return () => reads;
}

describe("what the author of a removal has not seen", () => {
  it.each([
    ["from memory", (_: Room) => {}],
    ["from the log, after a crash", (room: Room) => room.server.crash()],
    [
      "from the log, after a checkpoint and a crash",
      (room: Room) => {
        room.server.ask((calls, now) => calls.stop(now));
        room.server.crash();
      },
    ],
  ])("C14 C6 is found without looking through what is removed, however large: %s", (_, lose) => {
    const room = withBranch(6_000);
    room.call(insert("mine", "n1"));
    room.call(move("c", "n5"));
    room.call(insert("late", "n3"), insert("inner", "late"));
    room.call(update("n7", { x: 1 }));
    lose(room);
    const ann = room.enter("ann");
    const reads = countReads(room);
    expect(answerTo(room, ann, 1, 1, remove("a"))).toMatchObject({ rescued: ["late", "c"] });
    expect(reads()).toBeLessThan(4);
  });

  it("C14 what was restored counts as put there, and so does what still waits for its commit", () => {
    const room = withBranch(6_000);
    room.call(remove("n1"));
    room.call(move("n1", "n2"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    bob.mutate(update("b", { x: 1 }));
    bob.mutate(insert("waits", "n9"));
    ann.send({ type: "mutate", mutations: [{ mutation: 1, base: 1, ops: [insert("own", "n4"), remove("a")] }] });
    room.settle();
    expect(ann.hear().flatMap(answersIn).at(-1)).toMatchObject({ mutation: 1, rescued: ["n1", "waits"] });
  });

  it("C14 what one has done oneself is seen, however much it was", () => {
    const room = openRoom(item("root", item("a"), item("b")));
    const ann = room.enter("ann");
    for (let round = 0; round < 48; round++) {
      const mutations = Array.from({ length: 256 }, (_, index) => {
        const mutation = 1 + round * 256 + index;
        return { mutation, base: 0, ops: [insert(`own${mutation}`, "a")] };
      });
      ann.send({ type: "mutate", mutations });
      ann.hear();
      ann.send({ type: "sync", n: 0 });
    }
    room.call(insert("late", "a"));
    const again = room.enter("ann");
    expect(answerTo(room, again, 20_000, 0, remove("a"))).toMatchObject({ rescued: ["late"] });
  });

  it("C14 with more than 10 000 events that it has not seen, the branch is looked through, up to 2 000 nodes", () => {
    const nodes = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, index) => item(`${prefix}${index}`));
    const room = openRoom(item("root", item("a", ...nodes("n", 1_900)), item("top", ...nodes("t", 2_100)), item("b")));
    room.call(insert("late", "n3"));
    busy(room, 9_999);
    const ann = room.enter("ann");
    expect(answerTo(room, ann, 1, 0, remove("top")), "these are looked at").toMatchObject({ ops: [remove("top")] });
    room.call(move("top", "root"));
    expect(answerTo(room, ann, 2, 0, remove("top"))).toMatchObject({ code: "unseen" });
    expect(answerTo(room, ann, 3, 0, remove("a"))).toMatchObject({ rescued: ["late"] });
    // Whoever has seen what happened may remove it.
    expect(answerTo(room, ann, 4, 10_000, remove("top"))).toMatchObject({ ops: [remove("top")] });
  });

  it("C14 with more than 2 000 nodes that were placed unseen, the branch is looked through, too", () => {
    const nodes = Array.from({ length: 2_100 }, (_, index) => item(`t${index}`));
    const room = openRoom(item("root", item("top", ...nodes), item("b")));
    const bob = room.enter("bob");
    const many = (name: string, count: number) =>
      insert(
        name,
        "b",
        {},
        Array.from({ length: count - 1 }, (_, index) => item(`${name}-${index}`)),
      );
    bob.mutate(many("m", 1_000));
    bob.mutate(many("n", 1_000));
    const ann = room.enter("ann");
    expect(answerTo(room, ann, 1, 0, remove("top"))).toMatchObject({ ops: [remove("top")] });
    room.call(move("top", "root"));
    bob.mutate(insert("one", "b"));
    expect(answerTo(room, ann, 2, 0, remove("top"))).toMatchObject({ code: "unseen" });
  });

  it("C14 B2 what is looked at is bounded for all mutations of a turn together, and the next turn goes on", () => {
    const names = Array.from({ length: 40 }, (_, index) => `t${index}`);
    const branches = names.map((name) => item(name, ...Array.from({ length: 70 }, (_, at) => item(`${name}-${at}`))));
    const room = openRoom(item("root", ...branches, item("b")));
    const others = Array.from({ length: 1_999 }, (_, index) => item(`n${index}`));
    room.enter("bob").mutate(insert("n", "b", {}, others));
    const ann = room.join("ann");
    // Until all of a large snapshot has come.
    for (let heard = ann.hear(); heard.length > 0; heard = ann.hear()) {
      for (const message of heard) if (message.type === "sync") ann.send({ type: "sync", n: message.n });
    }
    const removals = (from: number) =>
      names.slice(from).map((name, index) => ({ mutation: from + index + 1, base: 0, ops: [remove(name)] }));
    ann.send({ type: "mutate", mutations: removals(0) });
    room.settle();
    const answers = ann.hear().flatMap(answersIn);
    expect(answers.map(({ mutation, code }) => [mutation, code])).toEqual(
      names.map((_, index) => [index + 1, undefined]),
    );
  });

  it("C14 what others have placed is read once for a frame, many nodes at once, and without its content", () => {
    const branches = Array.from({ length: 11 }, (_, at) =>
      item(`k${at}`, ...Array.from({ length: 70 }, (__, index) => item(`k${at}-${index}`))),
    );
    const room = openRoom(item("root", item("b"), ...branches));
    const attrs = { text: "x".repeat(1_000) };
    const placed = (at: number): Operation => ({
      op: "insert",
      parent: "b",
      node: { id: `n${at}`, type: "item", attrs },
    });
    for (let at = 0; at < 1_900; at += 100) room.call(...Array.from({ length: 100 }, (_, index) => placed(at + index)));
    room.server.ask((calls, now) => calls.stop(now));
    const ann = room.join("ann");
    for (let heard = ann.hear(); heard.length > 0; heard = ann.hear()) {
      for (const message of heard) if (message.type === "sync") ann.send({ type: "sync", n: message.n });
    }
    const mutations = branches.map(({ id = "" }, index) => ({ mutation: index + 1, base: 0, ops: [remove(id)] }));
    const before = room.server.sql.statements;
    ann.send({ type: "mutate", mutations });
    // Some for each removal: itself, its neighbours, what is below it.
    expect(room.server.sql.statements - before).toBeLessThan(100);
    room.settle();
    expect(
      ann
        .hear()
        .flatMap(answersIn)
        .filter(({ code }) => code !== undefined),
    ).toEqual([]);
  });

  it("C14 the events that an author has not seen are looked at once, whatever the bases in a frame, and no further than may be", () => {
    const branches = Array.from({ length: 100 }, (_, at) =>
      item(`k${at}`, ...Array.from({ length: 70 }, (__, index) => item(`k${at}-${index}`))),
    );
    const { stored, submit, commit } = createWriter(createMemoryTables(), item("root", item("b"), ...branches));
    const glimpses = { events: 0 };
    const recent: typeof stored.recent = {
      ...stored.recent,
      glimpse(seq) {
        glimpses.events++;
        return stored.recent.glimpse(seq);
      },
    };
    const document: typeof stored = Object.create(stored, { recent: { value: recent } });
    for (let at = 0; at < 6_000; at++) submit("bob", insert(`n${at}`, at % 100 === 0 ? `k${(at / 100) % 100}` : "b"));
    commit();
    const looks = createLooks();
    const unseen = (base: number, top: string) => {
      const { sees, keeper } = sightOf(document, [], base, "ann", looks);
      const isSeen = (seq: number) => sees === undefined || sees(seq);
      return keeper?.unseenIn(stored.nodes, mustGet(stored.nodes, top), ({ placed }) => isSeen(placed), isSeen);
    };
    for (let at = 0; at < 20; at++) expect(unseen(4_000 + 100 * at, `k${40 + at}`)).toEqual([`n${4_000 + 100 * at}`]);
    expect(glimpses.events).toBe(2_000);
    for (let at = 0; at < 10; at++) expect(unseen(at, `k${at}`), "what was found by looking through").toHaveLength(1);
    expect(glimpses.events, "one event more tells that it is too much").toBe(2_001);
  });

  it("C6 where the log no longer tells, what one may have done oneself is kept", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    ann.mutate(insert("own", "a"));
    room.call(insert("late", "a"));
    room.server.ask((calls, now) => calls.stop(now));
    room.server.sql.exec("DELETE FROM events");
    const again = room.enter("ann");
    expect(answerTo(room, again, 2, 0, remove("a"))).toMatchObject({ rescued: ["own", "late"] });
  });

  it("C6 the log is not read for every node, whoever asks, and however often", () => {
    const room = withBranch(10);
    const ann = room.enter("ann");
    const mine = Array.from({ length: 250 }, (_, index) => ({
      mutation: index + 1,
      ops: [insert(`own${index}`, "a")],
    }));
    // Each of them in a commit of its own.
    for (const each of mine) {
      ann.send({ type: "mutate", mutations: [each] });
      room.settle();
      ann.hear();
    }
    busy(room, 10_001);
    room.server.ask((calls, now) => calls.stop(now));
    const again = room.enter("ann");
    const reads = countReads(room);
    const removals = Array.from({ length: 100 }, (_, index) => ({
      mutation: 300 + index,
      base: 0,
      ops: [remove("a"), move("a", "root")],
    }));
    again.send({ type: "mutate", mutations: removals });
    room.settle();
    expect(reads()).toBeLessThan(600);
  });
});
