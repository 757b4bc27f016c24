import { describe, expect, it } from "vitest";
import type { ServerMessage } from "../../src/protocol/index.ts";
import type { Operation } from "../../src/tree/index.ts";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { openRoom, type Room, type Visitor, WRITER } from "./room.ts";

/** What ann sends once, and repeats: accepted, with receipts, and rejected in every way that names more than a code. */
const ATTEMPTS: readonly (readonly unknown[])[] = [
  [insert("b", "a")],
  [insert("b", "a")],
  [move("a", "b")],
  [{ op: "nonsense" }],
  [remove("a"), remove("a")],
  [insert("c", "b")],
  [update("a", { x: 1 }), remove("ghost")],
  [move("b", "root")],
  [{ op: "insert", node: { type: "item" }, parent: "root" }],
];

function attempt(visitor: Visitor, counters: readonly number[]): void {
  const mutations = counters.map((mutation) => ({ mutation, ops: ATTEMPTS[mutation - 1] ?? [] }));
  visitor.send({ type: "mutate", mutations });
}

/** The answers in what was heard, by counter: every event alone, every rejection whole. */
function answersIn(messages: readonly ServerMessage[]): Map<number, object> {
  const answers = new Map<number, object>();
  for (const message of messages) {
    if (message.type === "reject") answers.set(message.mutation, message);
    if (message.type !== "delta") continue;
    for (const event of message.events) {
      if (event.client === "ann" && event.mutation !== null) answers.set(event.mutation, event);
    }
  }
  return answers;
}

const ALL = ATTEMPTS.map((_, index) => index + 1);

/** What comes after something was done. */
function then<T>(_done: unknown, what: T): T {
  return what;
}

/** Ann makes all attempts; returns her answers. */
function first(room: Room, ann: Visitor): Map<number, object> {
  attempt(ann, ALL.slice(0, 3));
  attempt(ann, ALL.slice(3));
  room.settle();
  const answers = answersIn(ann.hear());
  expect([...answers.keys()].sort()).toEqual(ALL);
  return answers;
}

describe("exactly once", () => {
  it.each<[string, (room: Room, ann: Visitor) => Visitor]>([
    ["on the same connection", (_, ann) => ann],
    ["after a reconnect", (room, ann) => then(ann.drop(), room.enter("ann"))],
    ["after replacing the connection", (room) => room.enter("ann")],
    ["after an eviction that she slept through", (room, ann) => then(room.server.evict(), ann)],
    ["after a crash", (room) => then(room.server.crash(), room.enter("ann"))],
    [
      "after a checkpoint and a crash",
      (room) => {
        room.server.ask((calls, now) => calls.stop(now));
        room.server.crash();
        return room.enter("ann");
      },
    ],
  ])("S4 a repeated counter gets its first answer, and is not applied again: %s", (_, turn) => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    const bob = room.enter("bob");
    const answers = first(room, ann);
    const events = room.server.sql.exec("SELECT * FROM events");
    bob.hear();
    const again = turn(room, ann);
    bob.hear();
    attempt(again, ALL);
    room.settle();
    expect(answersIn(again.hear())).toEqual(answers);
    attempt(again, ALL.toReversed());
    attempt(again, [5, 5, 2]);
    room.settle();
    expect(answersIn(again.hear())).toEqual(answers);
    expect(room.server.sql.exec("SELECT * FROM events")).toEqual(events);
    expect(bob.hear(), "nobody else hears of it").toEqual([]);
  });

  it("S4 the same by a call, also for what came over a socket first", () => {
    const room = openRoom(item("root", item("a")));
    const answers = first(room, room.enter("ann"));
    for (const mutation of ALL) {
      const call = { client: "ann", mutation, ops: [remove("a")] };
      const answer = room.server.ask((calls, now) => calls.mutate(call, WRITER, now));
      if (answer?.ok) expect(answers.get(mutation)).toMatchObject(answer.value);
      else expect({ type: "reject", mutation, ...answer?.problem }).toEqual(answers.get(mutation));
    }
    const call = { client: "ann", mutation: ALL.length + 1, ops: [update("root", { x: 1 })] };
    const fresh = room.server.ask((calls, now) => calls.mutate(call, WRITER, now));
    const repeated = room.server.ask((calls, now) => calls.mutate(call, WRITER, now));
    expect(fresh).toMatchObject({ ok: true });
    expect(repeated).toEqual(fresh);
  });

  it("S4 a repeat that comes while the first one waits for its commit", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    attempt(ann, [1]);
    attempt(ann, [2, 3, 5]);
    ann.hear();
    attempt(ann, [2, 3, 5]);
    room.settle();
    const answers = ann.hear();
    expect(room.server.sql.exec("SELECT last FROM events ORDER BY first DESC LIMIT 1")).toEqual([{ last: 2 }]);
    const codes = answers.flatMap((message) => (message.type === "reject" ? [[message.mutation, message.code]] : []));
    expect(new Set(codes.map(String))).toEqual(new Set(["2,exists", "3,cycle"]));
    expect([...answersIn(answers).keys()].sort()).toEqual([2, 3, 5]);
  });

  it("S4 a counter that was skipped and comes late is expired", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    attempt(ann, [3, 1]);
    room.settle();
    const [, late] = ann.hear();
    expect(late).toMatchObject({ type: "reject", mutation: 1, code: "expired" });
  });

  it("S3 what was acknowledged is there after a crash, and what was not is not", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("ann");
    ann.mutate(insert("a", "root"));
    ann.mutate(insert("b", "root"));
    ann.mutate(remove("ghost"));
    expect(ann.hearShort()).toEqual(["delta 1"]);
    room.server.crash();
    const again = room.join("ann");
    expect(again.hear()).toMatchObject([{ type: "welcome", seq: 1, mutation: 1 }, { nodes: { length: 2 } }]);
    // What got no answer is sent again and gets its first one now.
    again.send({
      type: "mutate",
      mutations: [
        { mutation: 2, ops: [insert("b", "root")] },
        { mutation: 3, ops: [remove("ghost")] },
      ],
    });
    room.settle();
    expect(again.hearShort()).toEqual(["reject 3 notFound", "delta 2"]);
  });

  it("S4 256 answers that are no events are kept; of 257 the first is expired, whoever asks", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("ann");
    const refused = (from: number, count: number) =>
      Array.from({ length: count }, (_, index): { mutation: number; ops: Operation[] } => {
        return { mutation: from + index, ops: [] };
      });
    ann.send({ type: "mutate", mutations: refused(1, 256) });
    room.settle();
    const codes = () => {
      const counts = new Map<string, number[]>();
      for (const message of ann.hear()) {
        if (message.type !== "reject" && message.type !== "unchanged") continue;
        const code = message.type === "reject" ? message.code : message.type;
        counts.set(code, [...(counts.get(code) ?? []), message.mutation]);
      }
      return counts;
    };
    expect(codes().get("unchanged")?.length).toBe(256);
    ann.send({ type: "mutate", mutations: refused(1, 256) });
    room.settle();
    expect([...codes().keys()]).toEqual(["unchanged"]);
    ann.send({ type: "mutate", mutations: refused(257, 1) });
    ann.send({ type: "mutate", mutations: refused(1, 256) });
    ann.send({ type: "mutate", mutations: refused(257, 1) });
    room.settle();
    const counts = codes();
    expect(counts.get("expired")).toEqual([1]);
    expect(new Set(counts.get("unchanged"))).toEqual(new Set(refused(2, 256).map(({ mutation }) => mutation)));
    const answerOf = (mutation: number) => {
      const call = { client: "ann", mutation, ops: [] };
      const answer = room.server.ask((calls, now) => calls.mutate(call, WRITER, now));
      return answer?.ok ? answer.value.ops : answer?.problem.code;
    };
    expect([answerOf(1), answerOf(2), answerOf(257)]).toEqual(["expired", [], []]);
  });

  it("S4 answers are found in the log one by one, each in its own commit", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("ann");
    for (const id of ["a", "b", "c", "d"]) {
      ann.mutate(insert(id, "root"));
      room.call(update("root", { last: id }));
      room.settle();
    }
    const again = room.enter("ann");
    again.send({ type: "mutate", mutations: [1, 2, 3, 4].map((mutation) => ({ mutation, ops: [] })) });
    expect(again.hearShort()).toEqual(["delta 1", "delta 3", "delta 5", "delta 7"]);
    again.send({ type: "mutate", mutations: [2, 3].map((mutation) => ({ mutation, ops: [] })) });
    expect(again.hearShort()).toEqual(["delta 3", "delta 5"]);
  });

  it("S4 an answer that never was is looked for no further back than where it would be", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("ann");
    for (let mutation = 2; mutation <= 400; mutation += 2) {
      ann.send({ type: "mutate", mutations: [{ mutation, ops: [update("root", { mutation })] }] });
      room.settle();
    }
    ann.hear();
    const before = room.server.sql.statements;
    ann.send({ type: "mutate", mutations: [{ mutation: 391, ops: [] }] });
    expect(ann.hearShort()).toEqual(["reject 391 expired"]);
    expect(room.server.sql.statements - before, "and not the 200 commits there are").toBeLessThan(30);
  });

  it("S4 V141 of what was done, and the history has let go of, the event is told without what it did", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("ann");
    for (const id of ["a", "b", "c"]) {
      ann.mutate(insert(id, "root"));
      room.settle();
    }
    ann.hear();
    room.server.sql.exec("DELETE FROM events WHERE first = 1");
    ann.send({ type: "mutate", mutations: [1, 2, 3].map((mutation) => ({ mutation, ops: [] })) });
    room.settle();
    const heard = ann.hearTexts();
    expect(heard[0]).toBe('{"type":"unchanged","mutation":1,"seq":1}');
    expect(heard.slice(1).map((text) => JSON.parse(text).events[0].seq)).toEqual([2, 3]);
    const again = { client: "ann", mutation: 1, ops: [] };
    expect(room.server.ask((calls, now) => calls.mutate(again, WRITER, now))).toMatchObject({
      problem: { code: "expired", seq: 1, message: expect.stringContaining("done as event 1") },
    });
  });

  it("S4 C3 a rejection names the winner by seq, client and user, the first time and again", () => {
    const room = openRoom(item("root", item("a"), item("b")));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    bob.mutate(move("b", "a"));
    ann.mutate(move("a", "b"));
    room.settle();
    const rejection = ann.hear().find(({ type }) => type === "reject");
    expect(rejection).toMatchObject({ mutation: 1, code: "cycle", op: 0, seq: 1, client: "bob", userId: null });
    room.server.crash();
    const again = room.enter("ann");
    again.send({ type: "mutate", mutations: [{ mutation: 1, ops: [move("a", "b")] }] });
    expect(again.hear()).toEqual([rejection]);
  });
});
