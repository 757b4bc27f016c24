import { describe, expect, it } from "vitest";
import { byteLength, LIMITS, type ServerMessage } from "../../src/protocol/index.ts";
import { createPresence } from "../../src/session/presence.ts";
import type { JoinedSubscriber } from "../../src/session/subscriber.ts";
import { restoreSubscriber, saveSubscriber } from "../../src/session.ts";
import { item, update } from "../tree/document.ts";
import { evict } from "./life.ts";
import { openRoom, parse, type Room, type Visitor, WRITER } from "./room.ts";
import { commit } from "./traffic.ts";

const KiB = 1024;

function show(visitor: Visitor, data: unknown): void {
  visitor.sendText(JSON.stringify({ type: "presence", data }));
}

/** So many who show so many bytes each. */
function crowdIn(room: Room, count: number, bytes: number): Visitor[] {
  const crowd = Array.from({ length: count }, (_, index) => room.enter(`c${index}`));
  for (const each of crowd) show(each, "x".repeat(bytes - 2));
  room.settle();
  return crowd;
}

/** Reads as a client does, and sees who is there. */
interface Reader {
  readonly known: Map<string, unknown>;
  /** Bytes of presence that have come, by frame. */
  readonly frames: number[];
  resets: number;
  /** Takes in what has come; returns the last sync of it, which is not answered. */
  read(): number | null;
}

function readerOf(visitor: Visitor): Reader {
  const known = new Map<string, unknown>();
  const take = (message: ServerMessage, bytes: number) => {
    if (message.type !== "welcome" && message.type !== "presence") return;
    reader.frames.push(bytes);
    const changes = message.type === "welcome" ? message.presence : message.changes;
    if (message.type === "welcome" || message.reset) known.clear();
    if (message.type === "presence" && message.reset) reader.resets++;
    for (const [id, entry] of Object.entries(changes)) {
      if (entry) known.set(id, entry.data);
      else known.delete(id);
    }
  };
  const reader: Reader = {
    known,
    frames: [],
    resets: 0,
    read() {
      let sync: number | null = null;
      for (const text of visitor.hearTexts()) {
        const message = parse(text);
        if (message.type === "sync") sync = message.n;
        take(message, byteLength(text));
      }
      return sync;
    },
  };
  return reader;
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);

describe("broadcasts of presence", () => {
  it("B20 come at most every 50 ms, the latest of each, and the first after a pause at once", () => {
    const room = openRoom(item("root"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    const heard: [number, unknown][] = [];
    const began = room.server.now;
    for (let each = 0; each < 1_000; each++) {
      show(ann, each);
      for (const message of bob.hear()) {
        if (message.type === "presence") heard.push([room.server.now - began, message.changes[ann.id]?.data]);
      }
      room.wait(1);
    }
    expect(heard.slice(0, 4)).toEqual([
      [0, 0],
      [50, 49],
      [100, 99],
      [150, 149],
    ]);
    expect(heard.length).toBe(20);
    room.settle();
    expect(bob.hear()).toEqual([{ type: "presence", changes: { [ann.id]: { user: null, data: 999 } } }]);
    room.wait(1_000);
    expect(bob.hear(), "nothing more, and no timer").toEqual([]);
    expect(room.server.due).toBe(null);
    show(ann, "later");
    expect(bob.hear()).toEqual([{ type: "presence", changes: { [ann.id]: { user: null, data: "later" } } }]);
  });

  it("B20 a clock that is set back makes nobody wait", () => {
    const room = openRoom(item("root"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    show(ann, 1);
    room.server.now -= 3_600_000;
    show(ann, 2);
    expect(bob.hearShort()).toEqual([`presence ${ann.id}`, `presence ${ann.id}`]);
  });

  it("B20 come behind the mutations that were sent before", () => {
    const room = openRoom(item("root", item("a")));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    ann.mutate(update("a", { x: 1 }));
    ann.mutate(update("a", { x: 2 }));
    show(ann, "at 2");
    expect(bob.hearShort()).toEqual(["delta 1"]);
    room.settle();
    expect(bob.hearShort()).toEqual(["delta 2", `presence ${ann.id}`]);
  });

  it("B20 to five thousand come every 250 ms, and take 8 KiB; to a few 256 KiB", () => {
    for (const [count, most, pause] of [
      [LIMITS.subscribers, 8 * KiB, 250],
      [1_000, 8_388, 50],
      [100, 83_886, 50],
      [10, LIMITS.partBytes, 50],
    ] as const) {
      const all = Array.from({ length: count }, (_, index) => subscriber(`subscriber-${index}`));
      const byId = new Map(all.map((each) => [each.id, each]));
      const told: number[] = [];
      const presence = createPresence(all, {
        get: (id) => byId.get(id),
        joined: () => all,
        send: () => {},
        sendAll: (to, text) => void told.push(to.length, text.length),
        save: () => {},
      });
      for (const each of all) presence.show(each, "x".repeat(200));
      for (let round = 0; round < 40_000 / count; round++) {
        for (const each of all) presence.show(each, `${round}${"x".repeat(200)}`);
        presence.tell(1_000_000 * round);
        if (count * 300 > most) expect(presence.untilTold(1_000_000 * round)).toBe(pause);
      }
      expect(Math.max(...told)).toBeLessThanOrEqual(Math.max(most, count));
      if (count * 300 > most) expect(Math.max(...told)).toBeGreaterThan(most - 500);
    }
  });

  it("B20 take at most 8 MiB to all together; what does not fit comes with the next", () => {
    const room = openRoom(item("root"));
    const bob = room.enter("bob");
    const crowd = Array.from({ length: 100 }, (_, index) => room.enter(`c${index}`));
    for (const [index, each] of crowd.entries()) show(each, `${"x".repeat(4_000)}${index}`);
    const reader = readerOf(bob);
    const times: number[] = [];
    while (room.server.due !== null) {
      reader.read();
      times.push(room.server.due - room.server.now);
      room.wait(room.server.due - room.server.now);
    }
    reader.read();
    // The first went out alone.
    expect(reader.frames.length).toBe(6);
    for (const bytes of reader.frames) expect(101 * bytes).toBeLessThanOrEqual(8 * 1024 * KiB);
    expect(times.every((time) => time <= 50)).toBe(true);
    expect(reader.known.size).toBe(100);
  });

  it("B20 are what saves who changed: a thousand changes of one are saved twenty times", () => {
    const [ann, saves] = [subscriber("ann"), new Map<string, number>()];
    const presence = createPresence([ann], {
      get: () => ann,
      joined: () => [ann],
      send: () => {},
      sendAll: () => {},
      save: ({ id }) => void saves.set(id, (saves.get(id) ?? 0) + 1),
    });
    for (let now = 0; now < 1_000; now++) {
      presence.show(ann, now);
      presence.tell(now);
    }
    expect(saves.get("ann")).toBe(20);
  });
});

describe("who does not read", () => {
  /** A crowd of more than flow control lets pass at once, and a joiner who answers nothing yet. */
  function crowded(bytes = 4_000, count = 300) {
    const room = openRoom(item("root", item("a")));
    const crowd = crowdIn(room, count, bytes);
    const late = room.join("late");
    return { room, crowd, late, reader: readerOf(late) };
  }

  it("B22 a joiner is told of 300 who show 4 KiB in parts of 256 KiB, as it answers, and of each once", () => {
    const { room, crowd, late, reader } = crowded();
    let most = 0;
    for (let sync = reader.read(); sync !== null; sync = reader.read()) {
      const before = reader.frames.length;
      late.send({ type: "sync", n: sync });
      most = Math.max(most, reader.frames.length - before);
      room.settle();
    }
    expect(new Set(reader.known.keys())).toEqual(new Set(crowd.map(({ id }) => id)));
    for (const bytes of reader.frames) expect(bytes).toBeLessThan(LIMITS.partBytes + KiB);
    expect(sum(reader.frames)).toBeLessThan(300 * 4_100);
    // And never again, whatever is committed and whoever changes.
    const frames = reader.frames.length;
    commit(room, 10);
    show(crowd[0] ?? late, "changed");
    room.settle();
    reader.read();
    expect([reader.frames.slice(frames).length, reader.resets]).toEqual([1, 0]);
    expect(reader.frames.at(-1)).toBeLessThan(KiB);
  });

  it("B22 B21 while it answers nothing it is sent four parts, and the document still: presence holds back nothing else", () => {
    const { room, crowd, late, reader } = crowded();
    reader.read();
    expect(sum(reader.frames)).toBeLessThan(4 * LIMITS.partBytes);
    const frames = reader.frames.length;
    for (let each = 0; each < 100; each++) {
      show(crowd[each] ?? late, each);
      room.wait(60);
    }
    expect(reader.read()).toBe(null);
    expect(reader.frames.length).toBe(frames);
    commit(room, 10);
    expect(late.hearShort()).toEqual(["delta 1"]);
  });

  it("B21 who has missed a thousand changes of a hundred gets the last of each, once it answers", () => {
    const room = openRoom(item("root", item("a")));
    const crowd = crowdIn(room, 100, 10);
    const bob = room.enter("bob");
    const answering = () => {
      for (const each of crowd) {
        for (const message of each.hear()) if (message.type === "sync") each.send(message);
      }
    };
    for (let each = 0; each < 2; each++) {
      commit(room, 300 * KiB);
      answering();
    }
    const reader = readerOf(bob);
    expect(reader.read()).toBe(2);
    for (let round = 0; round < 10; round++) {
      for (const each of crowd) show(each, round);
      room.settle();
      answering();
    }
    crowd[0]?.drop();
    room.settle();
    expect([reader.read(), reader.frames.length]).toEqual([null, 0]);
    bob.send({ type: "sync", n: 2 });
    reader.read();
    expect([reader.frames.length, reader.resets]).toEqual([1, 0]);
    expect(reader.known.size).toBe(99);
    expect(new Set(reader.known.values())).toEqual(new Set([9]));
  });

  it("B21 a hibernation after each answer does not begin it anew, and those who change meanwhile are told at the end", () => {
    const { room, crowd, late, reader } = crowded();
    let rounds = 0;
    for (let sync = reader.read(); sync !== null; sync = reader.read()) {
      evict(room);
      show(crowd[rounds] ?? late, rounds);
      evict(room);
      late.send({ type: "sync", n: sync });
      expect(rounds++).toBeLessThan(10);
    }
    expect([reader.known.size, reader.resets]).toEqual([300, 0]);
    for (let each = 0; each < rounds; each++) expect(reader.known.get(crowd[each]?.id ?? "")).toBe(each);
    expect(sum(reader.frames)).toBeLessThan(300 * 4_100);
  });

  it("B21 it begins anew, once, where somebody that it was told of has left before a hibernation", () => {
    const { room, crowd, late, reader } = crowded();
    const first = reader.read();
    crowd[0]?.drop();
    evict(room);
    let rounds = 0;
    for (let sync = first; sync !== null; sync = reader.read()) {
      late.send({ type: "sync", n: sync });
      evict(room);
      expect(rounds++).toBeLessThan(10);
    }
    expect(reader.resets).toBe(1);
    expect(new Set(reader.known.keys())).toEqual(new Set(crowd.slice(1).map(({ id }) => id)));
  });

  it("B21 so many may leave while somebody does not read that they are forgotten: it begins anew", () => {
    const all = new Map<string, JoinedSubscriber>();
    const texts: string[] = [];
    const slow = subscriber("slow");
    all.set("slow", slow);
    const presence = createPresence([], {
      get: (id) => all.get(id),
      joined: () => [...all.values()],
      send: (_, text) => void texts.push(text),
      sendAll: () => {},
      save: () => {},
    });
    let now = 0;
    const tellAll = () => {
      for (let wait = presence.untilTold(now); wait !== null; wait = presence.untilTold(now)) {
        now += wait;
        presence.tell(now);
      }
    };
    const come = (id: string) => {
      const one = subscriber(id);
      all.set(id, one);
      presence.show(one, 1);
      return one;
    };
    const known = come("known");
    tellAll();
    slow.joined.feed = { is: "log", seq: 0, mutation: 0, since: null };
    const leave = (one: JoinedSubscriber) => {
      all.delete(one.id);
      presence.gone(one);
    };
    leave(known);
    tellAll();
    for (let each = 0; each < 2 * LIMITS.subscribers - 1; each++) leave(come(`c${each}`));
    tellAll();
    expect(slow.joined.misses?.upTo, "one less").toBeGreaterThan(0);
    leave(come("last"));
    come("stays");
    tellAll();
    slow.joined.feed = { is: "live" };
    presence.catchUp(slow);
    expect(texts.map(parse)).toEqual([{ type: "presence", changes: { stays: { user: null, data: 1 } }, reset: true }]);
    expect(slow.joined.misses).toBe(null);
  });

  it("B22 5 000 who show 250 bytes are told to a joiner whole, in parts, whatever changes meanwhile", {
    timeout: 60_000,
  }, () => {
    const all = new Map<string, JoinedSubscriber>();
    for (let each = 0; each < LIMITS.subscribers; each++) {
      const one = subscriber(`subscriber-${each}`);
      one.joined.presence = { data: "x".repeat(248), at: each + 1, bytes: 250 };
      all.set(one.id, one);
    }
    const late = subscriber("late");
    all.set("late", late);
    const texts: string[] = [];
    const presence = createPresence([...all.values()], {
      get: (id) => all.get(id),
      joined: () => [...all.values()],
      send: (to, text) => {
        texts.push(text);
        to.joined.flow.unanswered = [...to.joined.flow.unanswered, text.length];
      },
      sendAll: () => {},
      save: () => {},
    });
    const known = new Set(Object.keys(presence.welcome(late)));
    let [now, rounds] = [0, 0];
    for (; late.joined.misses; rounds++) {
      late.joined.flow.unanswered = [];
      presence.catchUp(late);
      expect(texts.length).toBeLessThanOrEqual(2);
      for (const text of texts.splice(0)) {
        expect(text.length).toBeLessThanOrEqual(LIMITS.partBytes);
        const message = parse(text);
        if (message.type === "presence") for (const id of Object.keys(message.changes)) known.add(id);
      }
      const changing = all.get(`subscriber-${rounds}`);
      if (changing) presence.show(changing, rounds);
      now += 50;
      presence.tell(now);
    }
    expect(known.size).toBe(LIMITS.subscribers);
    expect(rounds).toBeLessThan(10);
  });
});

describe("all presence together", () => {
  const large = LIMITS.presenceTotalBytes - LIMITS.subscribers * LIMITS.presenceShareBytes;
  const most = Math.floor(large / LIMITS.presenceBytes);

  it("B23 takes 4 MiB: one more that is large is told so, keeps its connection and what it has shown before", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("ann");
    show(ann, "before");
    room.settle();
    ann.hear();
    crowdIn(room, most, LIMITS.presenceBytes);
    ann.hear();
    show(ann, "x".repeat(LIMITS.presenceBytes - 2));
    room.settle();
    expect(ann.hear()).toMatchObject([
      { type: "presence", changes: { [ann.id]: { data: "before" } }, refused: { code: "tooLarge" } },
    ]);
    expect(ann.closed).toBe(null);
    const bob = room.join("bob", { presence: "x".repeat(LIMITS.presenceBytes - 2) });
    expect(bob.hear().filter(({ type }) => type === "presence")).toContainEqual(
      expect.objectContaining({ changes: { [bob.id]: null }, refused: expect.anything() }),
    );
    // What takes no more than its share, or less than before, is taken.
    show(bob, "x".repeat(LIMITS.presenceShareBytes - 2));
    room.settle();
    expect(bob.hear().some((message) => message.type === "presence" && message.refused)).toBe(false);
  });

  it("B23 who takes less, or leaves, makes room; also after a hibernation", () => {
    for (const lose of [() => {}, evict]) {
      const room = openRoom(item("root"));
      const [first, second] = crowdIn(room, most, LIMITS.presenceBytes);
      const ann = room.enter("ann");
      const isTaken = () => {
        ann.hear();
        show(ann, "x".repeat(LIMITS.presenceBytes - 2));
        room.settle();
        return !ann.hear().some((message) => message.type === "presence" && message.refused);
      };
      lose(room);
      expect(isTaken()).toBe(false);
      if (first) show(first, null);
      room.settle();
      lose(room);
      expect(isTaken()).toBe(true);
      show(ann, null);
      if (first) show(first, "x".repeat(LIMITS.presenceBytes - 2));
      room.settle();
      expect(isTaken()).toBe(false);
      second?.drop();
      expect(isTaken()).toBe(true);
    }
  });

  it("B23 who does not read is not told what was refused either", () => {
    const room = openRoom(item("root", item("a")));
    crowdIn(room, most, LIMITS.presenceBytes);
    const ann = room.enter("ann");
    for (let each = 0; each < 5; each++) commit(room, 300 * KiB);
    ann.hear();
    for (let each = 0; each < 100; each++) show(ann, "x".repeat(LIMITS.presenceBytes - 2));
    expect(ann.hear()).toEqual([]);
  });
});

/** Somebody who has joined and shows nothing. */
function subscriber(id: string): JoinedSubscriber {
  return {
    id,
    principal: WRITER,
    since: 0,
    heard: 0,
    joined: {
      client: id,
      incarnation: "incarnation",
      presence: null,
      flow: { bytes: 0, asked: 0, unanswered: [] },
      feed: { is: "live" },
      keeps: null,
      owed: [],
      misses: null,
    },
  };
}

it("B21 what somebody misses survives a hibernation as it is", () => {
  const one = subscriber("one");
  one.joined.misses = { upTo: 7, lost: true };
  one.joined.presence = { data: { x: 1 }, at: 6, bytes: 7 };
  expect(restoreSubscriber(saveSubscriber(one))).toEqual(one);
});
