import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { openRoom, parse, WRITER } from "./room.ts";
import { stall } from "./traffic.ts";

const large = "x".repeat(900_000);

/** What one client can make a document do must stand in proportion to what it sends. */
describe("bounds", () => {
  it("T14 removing and restoring what is large, again and again, makes no large event", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.join("ann", { keeps: 0 });
    room.call(update("a", { large }));
    ann.hear();
    // Who keeps what it sees removed needs no more.
    ann.mutate(...Array.from({ length: 100 }, () => [remove("a"), move("a", "root")]).flat());
    room.settle();
    const [text = ""] = ann.hearTexts();
    expect(parse(text)).toMatchObject({ type: "delta", events: [{ mutation: 1 }] });
    expect(text.length).toBeLessThan(20_000);
  });

  it("B31 a mutation cannot change more than 16 MiB of nodes: it drags that along, for what undoes it", () => {
    const room = openRoom(item("root", ...Array.from({ length: 40 }, (_, index) => item(`n${index}`))));
    for (let index = 0; index < 40; index++) room.call(update(`n${index}`, { large }));
    const ops = Array.from({ length: 40 }, (_, index) => update(`n${index}`, { large: 0 }));
    const answer = room.server.ask((calls, now) => calls.mutate({ ops }, WRITER, now));
    expect(answer).toMatchObject({ ok: false, problem: { code: "tooLarge", op: 18 } });
  });

  it("S9 one frame can be worth many syncs: who does not read gets no second one", () => {
    const room = openRoom(item("root", ...Array.from({ length: 6 }, (_, index) => item(`n${index}`))));
    const ann = room.enter("ann");
    const write = (round: number) =>
      room.call(...Array.from({ length: 6 }, (_, index) => update(`n${index}`, { large, round })));
    for (let round = 0; round < 4; round++) write(round);
    expect(ann.hearShort()).toEqual(["delta 1", "sync 1"]);
    ann.send({ type: "sync", n: 1 });
    expect(ann.hearShort()).toEqual(["delta 2", "sync 2"]);
  });

  it("S9 a sync that was answered already does not put off the close", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    stall(room, ann);
    for (let seconds = 0; seconds < 40; seconds += 10) {
      room.wait(10_000);
      ann.send({ type: "sync", n: 0 });
    }
    room.call(update("a", { x: 1 }));
    expect(ann.closed).toMatchObject({ code: 4008 });
  });

  it("S4 counters in no order are answered all the same, each one once", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("ann");
    for (let each = 0; each < 250; each++) ann.mutate(insert(`n${each}`, "root"));
    room.settle();
    ann.hear();
    const odd = Array.from({ length: 125 }, (_, index) => 249 - 2 * index);
    ann.send({ type: "mutate", mutations: odd.map((mutation) => ({ mutation, ops: [] })) });
    const answers = ann.hear().flatMap((message) => (message.type === "delta" ? message.events : []));
    expect(answers.map(({ mutation }) => mutation)).toEqual(odd);
    expect(ann.closed).toBe(null);
  });

  it("S9 what is asked for again without reading ends with 4008, and is not remembered without end", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    for (let each = 0; each < 520; each++) ann.mutate(update("a", { each }));
    room.settle();
    stall(room, ann);
    const odd = Array.from({ length: 257 }, (_, index) => 1 + 2 * index);
    const ask = (counters: readonly number[]) =>
      ann.send({ type: "mutate", mutations: counters.map((mutation) => ({ mutation, ops: [] })) });
    ask(odd.slice(0, 256));
    expect(ann.closed, "as many as a frame can ask for").toBe(null);
    ask(odd.slice(256));
    expect(ann.closed).toMatchObject({ code: 4008 });
  });

  it("S4 a frame of as many scattered counters as it may have is answered, however far back they are", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    const bob = room.enter("bob");
    // Others in between make each a run of its own; large ones keep the look back from ending in one turn.
    const text = "x".repeat(4_000);
    for (let each = 0; each < 512; each++) {
      ann.mutate(update("a", { each, text: `${text}${each}` }));
      room.settle();
      if (each % 2) bob.mutate(update("a", { other: each }));
      room.settle();
      for (const visitor of [ann, bob]) {
        const asked = visitor.hear().find(({ type }) => type === "sync");
        if (asked?.type === "sync") visitor.send(asked);
      }
    }
    const odd = Array.from({ length: 256 }, (_, index) => 1 + 2 * index);
    ann.send({ type: "mutate", mutations: odd.map((mutation) => ({ mutation, ops: [] })) });
    const answered: number[] = [];
    for (let turn = 0; turn < 200 && answered.length < 256; turn++) {
      for (const message of ann.hear()) {
        if (message.type === "delta")
          for (const event of message.events) if (event.client === "ann") answered.push(event.mutation ?? 0);
        if (message.type === "sync") ann.send(message);
      }
      room.server.fire();
    }
    expect(ann.closed).toBe(null);
    expect(answered).toEqual(odd);
  });

  it("W5 a large node can be updated often: only what changes is measured, and exactly", () => {
    const room = openRoom(item("root", item("a")));
    const text = "x".repeat(LIMITS.nodeBytes - '{"text":"","n":1}'.length);
    expect(room.call(update("a", { text, n: 1 }))).toMatchObject({ seq: 1 });
    const ann = room.enter("ann");
    ann.mutate(update("a", { n: 2 }));
    ann.mutate(update("a", { n: 22 }));
    ann.mutate({ op: "update", id: "a", attrs: { m: "" }, unset: ["n"] });
    room.settle();
    const heard = ann.hear().flatMap((message) => (message.type === "reject" ? [message.mutation] : []));
    // One digit more, or the longer '"m":""' for '"n":2', is one byte too many.
    expect(heard).toEqual([2, 3]);
  });
});
