import { describe, expect, it } from "vitest";
import type { Json, NodeData, Operation } from "../../src/tree/index.ts";
import { evict } from "./life.ts";
import { openRoom, type Room, type Visitor, WRITER } from "./room.ts";
import { edit, inBothOrders, join, open, rowsOf, send, split } from "./text-rows.ts";

const row = (id: string, text: string, ...children: NodeData[]): NodeData => ({
  ...{ id, type: "row", attrs: { text } },
  ...(children.length > 0 && { children }),
});

/** The rows of the document, their texts and what stands below them. */
function rows(room: Room): string {
  const show = ({ attrs, children }: NodeData): string => {
    const below = (children ?? []).map(show).join(" ");
    return `${attrs?.text ?? ""}${below && `(${below})`}`;
  };
  return rowsOf(room).map(show).join(" / ");
}

describe("the table of the agreement, in both orders", () => {
  const hello = [row("a", "helloworld")];
  const two = [row("a", "hello"), row("b", "world")];
  it.each<[string, NodeData[], Operation, Operation, string, string?]>([
    [
      "insert, insert at one place: the earlier first",
      hello,
      edit("a", 5, "X"),
      edit("a", 5, "Y"),
      "helloXYworld",
      "helloYXworld",
    ],
    ["insert inside what is deleted", hello, edit("a", 3, -5), edit("a", 5, "X"), "helXld"],
    ["delete, delete", hello, edit("a", 3, -5), edit("a", 5, -5), "hel"],
    ["split at 5, X typed at 8", hello, split("a", 5, "n"), edit("a", 8, "X"), "hello / worXld"],
    ["split at 5, X typed at 5", hello, split("a", 5, "n"), edit("a", 5, "X"), "helloX / world"],
    ["split at 5, split at 5", hello, split("a", 5, "n"), split("a", 5, "m"), "hello /  / world"],
    ["split at 5, split at 7", hello, split("a", 5, "n"), split("a", 7, "m"), "hello / wo / rld"],
    ["split at 5, delete 3-8", hello, split("a", 5, "n"), edit("a", 3, -5), "hel / ld"],
    ["join, X typed in the second row", two, join("b", "a"), edit("b", 3, "X"), "helloworXld"],
    ["join, join", two, join("b", "a"), join("b", "a"), "helloworld"],
    ["join, split of the second at 2", two, join("b", "a"), split("b", 2, "n"), "hellowo / rld"],
    ["split of the first at 2, join", two, split("a", 2, "n"), join("b", "a"), "he / lloworld"],
  ])("X30 %s", (_, start, one, other, expected, reversed = expected) => {
    inBothOrders(start, [one, other], rows, [expected, reversed]);
  });
});

describe("undo of texts", () => {
  const undo = (...mutations: number[]): Operation => ({ op: "undo", mutations });
  const redo = (...mutations: number[]): Operation => ({ op: "redo", mutations });
  const hello = [row("a", "helloworld"), row("z", "end")];
  /** Ann does the first, Bob the second, having seen it; then Ann undoes, and does it again. */
  it.each<[string, NodeData[], Operation, Operation, string, string, string]>([
    [
      "what one has typed goes, and nothing of others",
      hello,
      edit("a", 5, "ann"),
      edit("a", 6, "BOB"),
      "helloaBOBnnworld / end",
      "helloBOBworld / end",
      "helloaBOBnnworld / end",
    ],
    [
      "what one has deleted comes back",
      hello,
      edit("a", 3, -5),
      edit("a", 3, "BOB"),
      "helBOBld / end",
      "helBOBloworld / end",
      "helBOBld / end",
    ],
    [
      "what one has typed is found in the row that was split off",
      hello,
      edit("a", 8, "ann"),
      split("a", 9, "n"),
      "hellowora / nnld / end",
      "hellowor / ld / end",
      "hellowora / nnld / end",
    ],
    [
      "a split whose rows others typed in is a join that keeps it",
      hello,
      split("a", 5, "n"),
      edit("n", 5, "BOB"),
      "hello / worldBOB / end",
      "helloworldBOB / end",
      "hello / worldBOB / end",
    ],
    [
      "a head split, too",
      hello,
      split("a", 5, "n", true),
      edit("n", "BOB"),
      "BOBhello / world / end",
      "BOBhelloworld / end",
      "BOBhello / world / end",
    ],
    [
      "a join is taken apart where it was put together",
      [row("a", "hello"), row("b", "world", row("c", "c"))],
      join("b", "a"),
      edit("a", 7, "BOB"),
      "hellowoBOBrld(c)",
      "hello / woBOBrld(c)",
      "hellowoBOBrld(c)",
    ],
  ])("X45 %s", (_, start, mine, others, both, undone, redone) => {
    const room = open(...start);
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, ann, 1, 0, mine);
    send(room, bob, 1, 1, others);
    expect(rows(room)).toBe(both);
    send(room, ann, 2, 2, undo(1));
    expect(rows(room)).toBe(undone);
    send(room, ann, 3, 3, redo(1));
    expect(rows(room)).toBe(redone);
    send(room, ann, 4, 4, undo(1));
    expect(rows(room)).toBe(undone);
    room.server.crash();
    const again = room.enter("ann");
    send(room, again, 5, 5, redo(1));
    expect(rows(room)).toBe(redone);
  });

  it("X45 a row that was inserted goes when what was typed into it is undone", () => {
    const room = open(row("a", "a"));
    const ann = room.enter("ann");
    send(room, ann, 1, 0, { op: "insert", node: { id: "n", type: "row" }, parent: "root" });
    for (let at = 0; at < 5; at++) send(room, ann, 2 + at, 1 + at, edit("n", ...(at > 0 ? [at] : []), "x"));
    expect(rows(room)).toBe("a / xxxxx");
    send(room, ann, 7, 6, undo(1, 2, 3, 4, 5, 6));
    expect(rows(room)).toBe("a");
    send(room, ann, 8, 7, redo(1, 2, 3, 4, 5, 6));
    expect(rows(room)).toBe("a / xxxxx");
    for (const [index, left] of ["xxxx", "xxx", "xx", "x", ""].entries()) {
      send(room, ann, 9 + index, 8 + index, undo(6 - index));
      expect(rows(room)).toBe(`a / ${left}`);
    }
    send(room, ann, 14, 13, undo(1));
    expect(rows(room)).toBe("a");
  });

  it("X45 several at once, with what others have typed between", () => {
    const room = open(row("a", ""));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, ann, 1, 0, edit("a", "bbb"));
    send(room, ann, 2, 1, edit("a", "a"));
    send(room, bob, 1, 2, edit("a", 2, "B"));
    expect(rows(room)).toBe("abBbb");
    send(room, ann, 3, 3, undo(1, 2));
    expect(rows(room)).toBe("B");
    send(room, ann, 4, 4, redo(1, 2));
    expect(rows(room)).toBe("abBbb");
  });
});

describe("what is in flight", () => {
  it.each([
    ["", () => {}],
    [" over a crash", (room: Room) => room.server.crash()],
  ])("X35 stands behind what comes to nothing, as others have done the same%s", (_, meanwhile) => {
    const room = open(row("a", "abcdef"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, bob, 1, 0, edit("a", -3));
    send(room, ann, 1, 0, edit("a", -3));
    meanwhile(room);
    send(room, room.enter("ann"), 2, 0, edit("a", 3, "X"));
    expect(rows(room)).toBe("defX");
  });

  it("X35 a call of nobody's sees what its base says", () => {
    const room = open(row("a", "hello"));
    room.call(edit("a", 5, "!"));
    room.call(edit("a", ">"));
    const answer = room.server.ask((calls, now) => calls.mutate({ base: 0, ops: [edit("a", 5, "X")] }, WRITER, now));
    expect(answer).toMatchObject({ ok: true });
    expect(rows(room)).toBe(">hello!X");
  });
});

describe("an update of a text", () => {
  const update = (text: Json): Operation => ({ op: "update", id: "a", attrs: { text } });
  it.each<[string, Operation, string]>([
    ["survives with what others have typed", edit("a", 5, "BOB"), "helloBOB wide world"],
    ["does not bring back what others have deleted", edit("a", 1, -4), "h wide world"],
    ["finds its text in two rows", split("a", 6, "n"), "hello  / wide world"],
    ["goes where its text is", join("a", "z"), "endhello wide world"],
  ])("X40 %s", (_, others, result) => {
    const room = open(...[row("a", "hello world"), ...(others.op === "join" ? [row("z", "end")] : [])]);
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, bob, 1, 0, others);
    send(room, ann, 1, 0, update("hello wide world"));
    expect(rows(room)).toBe(result);
  });

  it("X35 X40 an update that others have left nothing of is an event, and what is in flight stands behind it", () => {
    const room = open(row("a", "hello world"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, bob, 1, 0, edit("a", -6));
    ann.hear();
    expect(send(room, ann, 1, 0, { op: "update", id: "a", attrs: { text: "world" } })).toMatchObject([
      { type: "delta", events: [{ ops: [{ op: "edit", changes: [] }] }] },
    ]);
    send(room, ann, 2, 0, edit("a", -5, "earth"));
    expect(rows(room)).toBe("earth");
  });

  it.each<[string, Operation[], string]>([
    ["replaces it again", [update("helloA"), update("helloAB")], "XXXhelloAB"],
    ["has edited it in flight", [edit("a", 5, "A"), update("helloAB"), edit("a", 7, "C")], "XXXhelloABC"],
    ["takes from both", [update("hell"), edit("a", 4, "!"), update("ell!"), update("el!?")], "XXXel!?"],
  ])("X40 whoever %s, behind what others have typed, keeps that", (_, ops, result) => {
    // From both orders: what others have typed comes before all of it, or behind the first.
    for (const first of [0, 1]) {
      for (const crashes of [false, true]) {
        const room = open(row("a", "hello"));
        ops.forEach((operation, index) => {
          if (index === first) send(room, room.enter("bob"), 1, 0, edit("a", "XXX"));
          if (crashes) room.server.crash();
          send(room, room.enter("ann"), index + 1, 0, operation);
        });
        expect(rows(room)).toBe(result);
      }
    }
  });

  it.each<[string, Operation[], string]>([
    ["has edited it", [edit("a", 5, "A"), update("helloAB"), edit("a", 7, "C")], "XXXhelloABC"],
    ["has replaced it", [update("hell"), edit("a", 4, "!"), update("ell!"), update("el!?")], "XXXel!?"],
    [
      "has marked it",
      [{ op: "mark", id: "a", attr: "text", from: 0, to: 5, key: "bold", value: true }, update("hell")],
      "XXXhell",
    ],
  ])("X40 whoever %s in the same mutation keeps what others have typed", (_, ops, result) => {
    const room = open(row("a", "hello"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, bob, 1, 0, edit("a", "XXX"));
    send(room, ann, 1, 0, ...ops);
    expect(rows(room)).toBe(result);
  });

  it("X40 whoever replaces it twice in one mutation, behind what he has typed in flight, takes nothing else away", () => {
    const room = open(row("a", "hello"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, bob, 1, 0, edit("a", "XXX"));
    send(room, ann, 1, 0, edit("a", 5, "A"));
    send(room, ann, 2, 0, update("Hello A"), update("Hello, A"));
    expect(rows(room)).toBe("XXXHello, A");
  });

  it("X40 what was joined to it in the same mutation is not there twice", () => {
    const room = open(row("a", "ab"), row("b", "cd"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, bob, 1, 0, edit("a", "X"));
    send(room, ann, 1, 0, join("b", "a"), update("Abcd"));
    expect(rows(room)).toBe("Abcd");
  });

  it.each<[string, Operation, Operation, string]>([
    ["has split", split("a", 2, "n"), join("b", "a"), "HELLworld / ll / o"],
    ["has joined another to", join("b", "a"), edit("b", 5, "!"), "HELL / oworld!"],
    ["has joined to another", join("a", "b"), edit("a", 4, "!"), "worldhell / o"],
    ["has typed in", edit("a", "XXX"), edit("a", 4, "!"), "HELL! / o / world"],
  ])(
    "X40 where its author has split it, what somebody else %s is replaced whole, and what comes next is right",
    (_, others, next, result) => {
      for (const crashes of [false, true]) {
        const room = open(row("a", "hello"), row("b", "world"));
        send(room, room.enter("bob"), 1, 0, others);
        const first = send(room, room.enter("ann"), 1, 0, split("a", 4, "m"), update("HELL"));
        expect(first).toMatchObject([{ type: "delta" }]);
        if (crashes) room.server.crash();
        expect(send(room, room.enter("ann"), 2, 0, next)).toMatchObject([{ type: "delta" }]);
        expect(rows(room)).toBe(result);
      }
    },
  );

  it("X40 what has come into it with a row, after a deletion in that was made, is not taken for what its author saw", () => {
    const room = open(row("a", "hello"), row("b", "12"), row("c", "x"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, bob, 1, 0, join("b", "a"));
    send(room, ann, 1, 0, edit("b", -1));
    send(room, bob, 2, 1, split("a", 5, "n"));
    // She has heard of the join alone: for her it is "hello2".
    send(room, ann, 2, 1, update("HELLo2"));
    expect(rows(room)).toBe("HELLo2 / 2 / x");
  });

  it("X40 C1 what others have replaced is replaced again, and so is what is no text", () => {
    const room = open(row("a", "hello"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, bob, 1, 0, update("bob was here"));
    send(room, ann, 1, 0, update("hello ann"));
    expect(rows(room)).toBe("hello ann");
    send(room, bob, 2, 2, edit("a", "X"));
    send(room, ann, 2, 2, update(7));
    expect(rows(room)).toBe("7");
    send(room, bob, 3, 3, update("text"));
    expect(rows(room)).toBe("text");
  });
});

describe("what is removed", () => {
  const remove = (id: string): Operation => ({ op: "remove", id });
  const back = (id: string): Operation => ({ op: "move", id, parent: "root", after: id });
  const answer = (room: Room, by: Visitor, mutation: number, ...ops: Operation[]) =>
    send(room, by, mutation, 0, ...ops)
      .flatMap((each) => (each.type === "delta" ? each.events : []))
      .at(-1);

  it("X41 an edit of a removed row is kept with it, and told", () => {
    const room = open(row("a", "hello"), row("b", "world"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, bob, 1, 0, remove("a"));
    expect(answer(room, ann, 1, edit("a", 5, "X"))).toMatchObject({ removed: ["a"] });
    send(room, bob, 2, 2, back("a"));
    expect(rows(room)).toBe("helloX / world");
  });

  it("X42 a removed row that is split: both are gone, and found beside each other", () => {
    const room = open(row("a", "helloworld"), row("b", "end"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, bob, 1, 0, remove("a"));
    expect(answer(room, ann, 1, split("a", 5, "n"))?.removed?.toSorted()).toEqual(["a", "n"]);
    expect(rows(room)).toBe("end");
    send(room, bob, 2, 2, back("n"), back("a"));
    expect(rows(room)).toBe("hello / world / end");
  });

  it("X42 X45 who undoes the removal has the old row back, and the new one where the receipt says", () => {
    const room = open(row("a", "helloworld"), row("b", "end"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, bob, 1, 0, remove("a"));
    send(room, ann, 1, 0, split("a", 5, "n"));
    send(room, bob, 2, 2, { op: "undo", mutations: [1] });
    expect(rows(room)).toBe("hello / end");
    send(room, bob, 3, 3, back("n"));
    expect(rows(room)).toBe("hello / world / end");
  });

  it("X43 a removed row that is joined: its text goes all the same; into a removed one: it is where a restore finds it", () => {
    const room = open(row("a", "hello"), row("b", "world", row("c", "c")));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, bob, 1, 0, remove("b"));
    send(room, ann, 1, 0, join("b", "a"));
    expect(rows(room)).toBe("helloworld");

    const other = open(row("a", "hello"), row("b", "world", row("c", "c")), row("z", "end"));
    const [cyd, dan] = [other.enter("cyd"), other.enter("dan")];
    send(other, dan, 1, 0, remove("a"));
    expect(answer(other, cyd, 1, join("b", "a"))).toMatchObject({ removed: ["a"], redirected: ["c"] });
    expect(rows(other)).toBe("c / end");
    send(other, dan, 2, 2, back("a"));
    expect(rows(other)).toMatch("helloworld");
  });
});

describe("what is refused", () => {
  it.each<[string, Operation, string]>([
    ["past the end", edit("a", 6, "x"), "invalid"],
    ["inside a surrogate pair", edit("p", 1, "x"), "invalid"],
    ["half of one", edit("p", -1), "invalid"],
    ["a split inside of one", split("p", 1, "n"), "invalid"],
    ["a split past the end", split("a", 6, "n"), "invalid"],
    ["what is no text", { op: "edit", id: "a", attr: "done", changes: ["x"] }, "invalid"],
    ["no such node", edit("q", "x"), "notFound"],
    ["a row that is there", split("a", 1, "p"), "exists"],
    ["into itself", join("a", "a"), "invalid"],
    ["the root", join("root", "a"), "root"],
    ["a split of the root", split("root", 0, "n"), "root"],
    ["into what is below it", join("a", "c"), "cycle"],
  ])("X22 X23 X24 %s", (_, operation, code) => {
    const room = open(
      { ...row("a", "hello", row("c", "c")), attrs: { text: "hello", done: true } },
      row("p", "\ud83d\ude00"),
    );
    const ann = room.enter("ann");
    expect(send(room, ann, 1, 0, operation)).toMatchObject([{ type: "reject", code }]);
    expect(rows(room)).toBe("hello(c) / \ud83d\ude00");
  });

  it("X22 whatever is past the end, and what others have done meanwhile, nothing is left of it", () => {
    const room = open(row("a", "hello"), row("b", "world"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, bob, 1, 0, edit("a", 2, "XY", -1), split("a", 3, "m"), join("b", "m"));
    expect(rows(room)).toBe("heX / Yloworld");
    ann.hear();
    const most = Number.MAX_SAFE_INTEGER;
    const ops = [
      ...[edit("a", most, "x"), edit("a", -most), edit("a", most, most, "x"), edit("a", most, most, -most)],
      ...[split("a", most, "n"), split("a", most, "n", true)],
    ];
    for (const [index, each] of ops.entries()) {
      // Whoever has seen it all, and whoever has seen nothing.
      for (const base of [1, 0]) {
        const mutation = 2 * index + 2 - base;
        expect(send(room, ann, mutation, base, edit("a", "y"), each)).toMatchObject([
          { type: "reject", code: "invalid", op: 1 },
        ]);
      }
    }
    expect(send(room, ann, 99, 0, edit("a", -0, 5, -0, "!"))).toMatchObject([{ type: "delta" }]);
    expect(rows(room)).toBe("heX / Ylo!world");
  });

  it("X32 X126 expired, undecided, where the history does not reach back to what the author had seen", () => {
    const room = openRoom({ id: "root", type: "list", children: [row("a", "hello")] });
    room.call(edit("a", "X"));
    room.server.ask((calls, now) => calls.configure({ historyRetention: 0 }, now));
    room.call(edit("a", "Y"));
    room.wait(60_000);
    room.server.ask((calls, now) => calls.stop(now));
    room.server.crash();
    const ann = room.enter("ann");
    const expired = [{ type: "reject", mutation: 1, code: "expired", base: 2 }];
    expect(send(room, ann, 1, 0, edit("a", "Z"))).toMatchObject(expired);
    // What was made behind it has to come behind it.
    expect(send(room, ann, 2, 2, edit("a", "!"))).toEqual([]);
    expect(send(room, ann, 1, 0, edit("a", "Z"))).toMatchObject(expired);
    // Also after a hibernation.
    evict(room);
    expect(send(room, ann, 2, 2, edit("a", "!"))).toEqual([]);
    expect(send(room, ann, 1, 2, edit("a", "Z"))).toMatchObject([{ type: "delta" }]);
    expect(send(room, ann, 2, 2, edit("a", 1, "?"))).toMatchObject([{ type: "delta" }]);
    expect(send(room, ann, 3, 0, edit("a", "0"))).toMatchObject([{ type: "reject", code: "expired", base: 4 }]);
    // Who can't say what it comes to gives it up, by its counter.
    expect(send(room, ann, 3, 0)).toMatchObject([{ type: "unchanged", mutation: 3 }]);
    // What replaces a value needs to know nothing.
    expect(send(room, ann, 4, 0, { op: "update", id: "a", attrs: { text: "new" } })).toMatchObject([{ type: "delta" }]);
    expect(rows(room)).toBe("new");
  });
});

describe("what is sent behind what is refused", () => {
  const mutations = (...all: Operation[][]) => all.map((ops, index) => ({ mutation: index + 1, base: 0, ops }));
  const bad = [edit("a", "BAD"), edit("q", "!")];

  it("X129 is passed over until its author says that he knows, over a hibernation, and when it is sent again", () => {
    const room = open(row("a", "hello"));
    let ann = room.enter("ann");
    const frame = {
      type: "mutate",
      refused: 0,
      mutations: mutations(bad, [edit("a", 3, "X")], [edit("a", "Y")]),
    } as const;
    const told = [{ type: "reject", mutation: 1, code: "notFound", holds: true }];
    for (let time = 0; time < 2; time++) {
      ann.send(frame);
      room.settle();
      expect(ann.hear()).toMatchObject(told);
      evict(room);
      ann.send({ type: "mutate", refused: 0, mutations: frame.mutations.slice(1) });
      room.settle();
      expect(ann.hear()).toEqual([]);
      ann.drop();
      ann = room.enter("ann");
    }
    ann.send(frame);
    ann.send({ type: "mutate", refused: 1, mutations: [{ mutation: 2, base: 0, ops: [edit("a", "X")] }] });
    room.settle();
    expect(ann.hear()).toMatchObject([...told, { type: "delta" }]);
    expect(rows(room)).toBe("Xhello");
  });

  it("X129 is decided at once where nothing stood on that, and of who does not say so", () => {
    const room = open(row("a", "hello"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    const gone: Operation = { op: "remove", id: "q" };
    ann.send({ type: "mutate", refused: 0, mutations: mutations([gone], [edit("a", "X")]) });
    room.settle();
    expect(ann.hearShort()).toEqual(
      ["reject notFound", "delta 1"].map((each) => expect.stringContaining(each.slice(0, 5))),
    );
    bob.send({ type: "mutate", mutations: mutations(bad, [edit("a", "Y")]) });
    room.settle();
    expect(rows(room)).toBe("XYhello");
  });
});

describe("what it may cost", () => {
  it("X44 a join takes 2 000 children along, and no more", () => {
    const children = (count: number) => Array.from({ length: count }, (_, index) => row(`c${index}`, ""));
    for (const [count, type] of [
      [2_000, "delta"],
      [2_001, "reject"],
    ] as const) {
      const room = open(row("a", "hello"), row("b", "world", ...children(count)));
      const ann = room.enter("ann");
      expect(send(room, ann, 1, 0, join("b", "a"))).toMatchObject([
        { type, ...(type === "reject" && { code: "tooLarge" }) },
      ]);
    }
  });

  it("X44 texts that are read for one mutation have 32 Mi characters together", () => {
    const text = "x".repeat(1_000_000);
    const edits = (count: number) => Array.from({ length: count }, () => edit("a", 1, -1));
    const room = open(row("a", text));
    const ann = room.enter("ann");
    expect(send(room, ann, 1, 0, ...edits(33))).toMatchObject([{ type: "delta" }]);
    expect(send(room, ann, 2, 1, ...edits(35))).toMatchObject([{ type: "reject", code: "tooLarge" }]);
  });

  it("X24 a text has as many bytes as its node may", () => {
    const room = open(row("a", "x".repeat(1_048_576 - 12)));
    const ann = room.enter("ann");
    expect(send(room, ann, 1, 0, edit("a", "y"))).toMatchObject([{ type: "delta" }]);
    expect(send(room, ann, 2, 1, edit("a", "y"))).toMatchObject([{ type: "reject", code: "tooLarge", op: 0 }]);
    expect(send(room, ann, 3, 1, edit("a", -1))).toMatchObject([{ type: "delta" }]);
    expect(send(room, ann, 4, 2, edit("a", "ü"))).toMatchObject([{ type: "reject", code: "tooLarge", op: 0 }]);
    expect(send(room, ann, 5, 2, edit("a", "y"))).toMatchObject([{ type: "delta" }]);
  });

  it("X33 what others have done, times what a mutation does, has a bound: 100 splits of a text count 600", () => {
    const room = open(row("a", "ab"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    const splits = Array.from({ length: 100 }, (_, index) => split("a", 1, `n${index}`));
    send(room, bob, 1, 0, ...splits);
    ann.hear();
    const edits = (count: number) => Array.from({ length: count }, () => edit("a", 0, "x"));
    expect(send(room, ann, 1, 0, ...edits(833))).toMatchObject([{ type: "delta" }]);
    expect(send(room, ann, 2, 0, ...edits(834))).toMatchObject([{ type: "reject", code: "tooLarge" }]);
  });

  /** So many insertions, with a unit between each and the next. */
  const typed = (times: number) =>
    edit("a", ...Array.from({ length: 2 * times - 1 }, (_, index) => (index % 2 === 0 ? "x" : 1)));
  const cut = (places: number) => Array.from({ length: places }, (_, index) => split("a", 999 - index, `n${index}`));
  const elsewhere = (places: number) =>
    Array.from({ length: places }, (_, index) => [edit("a", "y"), split("b", 1, `n${index}`)]).flat();
  // Each split is met by one part more: 1 + 2 + … + 50, and 50 · 9 974; 1 + … + 994, and 994 · 5; 200, and 200 · 9 995 / 4.
  it.each<[string, Operation[], Operation, "delta" | "reject"]>([
    ["9 975 changes past 50 splits of their text", cut(50), typed(4_988), "delta"],
    ["9 977 changes past 50 splits of their text", cut(50), typed(4_989), "reject"],
    ["1 000 units taken away past 994 splits of their text", cut(994), edit("a", -1_000), "delta"],
    ["1 000 units taken away past 995 splits of their text", cut(995), edit("a", -1_000), "reject"],
    ["one unit taken away past 995 splits of its text", cut(995), edit("a", -1), "delta"],
    ["9 995 changes past 200 edits between moves elsewhere", elsewhere(200), typed(4_998), "delta"],
    ["9 997 changes past 200 edits between moves elsewhere", elsewhere(200), typed(4_999), "reject"],
  ])("X33 what a mutation does counts by its size: %s", (_, done, does, type) => {
    const room = open(row("a", "a".repeat(10_000)), row("b", "b"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, bob, 1, 0, ...done);
    ann.hear();
    const code = type === "reject" && { code: "tooLarge" };
    expect(send(room, ann, 1, 0, does)).toMatchObject([{ type, ...code }]);
  });

  it("X36 where the 65th client stands is found out anew, and is the same", () => {
    const room = open(row("a", "hello"));
    room.call(edit("a", ">"));
    const people = Array.from({ length: 66 }, (_, index) => room.enter(`p${index}`));
    for (const mutation of [1, 2])
      for (const person of people) send(room, person, mutation, 0, edit("a", mutation + 4, "x"));
    expect(rows(room)).toBe(`>hello${"x".repeat(132)}`);
  });

  it("X46 an undo that would have to read too much of what has happened to texts since is told to have left it", () => {
    const room = open(row("a", ""), row("b", ""));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, ann, 1, 0, edit("a", "ann"));
    const much = "x".repeat(500_000);
    for (let round = 0; round < 20; round++) {
      send(room, bob, 2 * round + 1, 1, edit("b", much));
      send(room, bob, 2 * round + 2, 1, edit("b", -500_000));
    }
    room.server.crash();
    const again = room.enter("ann");
    const [told] = send(room, again, 2, 1, { op: "undo", mutations: [1] });
    expect(told).toMatchObject({ type: "unchanged", skipped: [{ id: "a", why: "gone" }] });
    expect(rows(room).slice(0, 6)).toBe("ann / ");
  });
});
