import { history, redo, undo } from "@codemirror/commands";
import { ChangeSet, EditorSelection, EditorState, type Extension, Transaction } from "@codemirror/state";
import { expect, onTestFinished, test, vi } from "vitest";
import { createUndo } from "../../src/client/index.ts";
import { createRandom } from "../../src/testing/random.ts";
import { openPair, row, text } from "../client/text/writing.ts";
import { createFakeServer, type FakeServer } from "./fake-text.ts";
import { createFakeView, type FakeView } from "./fake-view.ts";

const settled = () => new Promise<void>((resolve) => setTimeout(resolve));

async function deliverAll(server: FakeServer): Promise<void> {
  while (server.deliver(() => 0));
  await settled();
}

function pairOf(initial: string, extensions: Extension = []) {
  const server = createFakeServer(initial);
  const texts = [server.join(), server.join()] as const;
  return {
    server,
    texts,
    one: createFakeView(texts[0], extensions),
    two: createFakeView(texts[1], extensions),
  };
}

test("X80 what is typed in one editor is in the other, with several in flight", async () => {
  const { server, one, two } = pairOf("hello");
  one.dispatch({ changes: { from: 5, insert: "!" } });
  one.dispatch({ changes: { from: 6, insert: "?" } });
  two.dispatch({ changes: { from: 0, insert: "oh, " } });
  two.dispatch({
    changes: [
      { from: 4, to: 5, insert: "H" },
      { from: 9, insert: "\n" },
    ],
  });
  expect([one.value, two.value]).toEqual(["hello!?", "oh, Hello\n"]);
  await deliverAll(server);
  expect([one.value, two.value, server.value]).toEqual(Array(3).fill("oh, Hello!?\n"));
});

test("X80 the editor begins with the text, whatever document it was made with, and loses nothing typed before it has it", async () => {
  const server = createFakeServer("one two");
  const text = server.join();
  const view = createFakeView(text, [], "one three two");
  view.dispatch({ changes: { from: 0, insert: ">" } });
  expect(text.value).toBe(">one two");
  await settled();
  expect(view.value).toBe(">one two");
});

test("X82 what others do comes as remote transactions, which the editor's own undo leaves alone", async () => {
  const seen: Transaction[] = [];
  const { server, one, two } = pairOf("hello", [
    history(),
    EditorState.transactionExtender.of((transaction) => {
      seen.push(transaction);
      return null;
    }),
  ]);
  one.dispatch({ changes: { from: 5, insert: " mine" }, userEvent: "input" });
  two.dispatch({ changes: { from: 0, insert: "theirs " } });
  seen.length = 0;
  await deliverAll(server);
  expect(one.value).toBe("theirs hello mine");
  undo(one);
  expect(one.value).toBe("theirs hello");
  redo(one);
  expect(one.value).toBe("theirs hello mine");
  await deliverAll(server);
  expect([two.value, server.value]).toEqual(Array(2).fill("theirs hello mine"));
});

test("X82 a remote transaction passes every filter of the application and is marked as remote", async () => {
  const server = createFakeServer("hello");
  const texts = [server.join(), server.join()] as const;
  const marks: (boolean | undefined)[] = [];
  const view = createFakeView(texts[0], [
    EditorState.changeFilter.of(() => false),
    EditorState.transactionExtender.of((transaction) => {
      marks.push(transaction.annotation(Transaction.remote));
      return null;
    }),
  ]);
  texts[1].insert(5, "!");
  await deliverAll(server);
  expect([view.value, marks]).toEqual(["hello!", [true]]);
  view.dispatch({ changes: { from: 0, insert: "no" } });
  expect(view.value).toBe("hello!");
});

test("X82 a remote insert right at the caret leaves the caret left of it, one before moves it", async () => {
  const { server, one, texts } = pairOf("hello");
  one.dispatch({ selection: EditorSelection.cursor(5) });
  texts[1].insert(5, " world");
  await deliverAll(server);
  expect(one.state.selection.main.head).toBe(5);
  texts[1].insert(0, "oh ");
  await deliverAll(server);
  expect(one.state.selection.main.head).toBe(8);
});

test("X83 what is refused at once is taken out of the editor", async () => {
  const { server, one, texts } = pairOf("hello");
  texts[0].refuse(true);
  one.dispatch({ changes: { from: 5, insert: "!" } });
  one.dispatch({ changes: { from: 0, insert: ">" } });
  await deliverAll(server);
  expect([one.value, texts[0].value]).toEqual(["hello", "hello"]);
});

test("X83 what the server refuses is taken out of the editor", async () => {
  const { server, one, two } = pairOf("hello");
  one.dispatch({ changes: { from: 5, insert: "!" } });
  server.refuseNext();
  await deliverAll(server);
  expect(one.value).toBe("hello");
  two.dispatch({ changes: { from: 5, insert: "?" } });
  await deliverAll(server);
  expect([one.value, two.value]).toEqual(["hello?", "hello?"]);
});

test("X83 the text may change while the editor updates, and again before that is shown", async () => {
  const { server, one, texts, two } = pairOf("hello");
  let times = 0;
  one.onUpdate = () => {
    if (times++ === 0) texts[0].insert(0, ">");
  };
  one.dispatch({ changes: { from: 5, insert: "!" } });
  expect([one.value, texts[0].value]).toEqual(["hello!", ">hello!"]);
  one.dispatch({ changes: { from: 0, to: 1, insert: "H" } });
  expect(texts[0].value).toBe(">Hello!");
  await deliverAll(server);
  expect([one.value, two.value, server.value]).toEqual(Array(3).fill(">Hello!"));
});

test("X84 half of a surrogate pair that is replaced by another half is the whole pair in the text", async () => {
  const { server, one, texts } = pairOf("a😀b");
  const edits: unknown[] = [];
  texts[0].on(({ changes }) => void edits.push(changes));
  one.dispatch({ changes: { from: 2, to: 3, insert: "\ude01" } });
  expect(edits).toEqual([[1, "😁", -2]]);
  await deliverAll(server);
  expect([one.value, server.value]).toEqual(["a😁b", "a😁b"]);
});

test("a destroyed editor hears nothing", async () => {
  const { server, one, texts } = pairOf("hello");
  texts[1].insert(0, "x");
  while (server.deliver(() => 0));
  one.destroy();
  await settled();
  expect(one.value).toBe("hello");
});

async function playAtRandom(seed: number): Promise<string[]> {
  const chance = createRandom(seed);
  const random = (bound: number) => Math.floor(chance() * bound);
  const server = createFakeServer("one\ntwo 😀 three\r\n");
  const texts = [server.join(), server.join(), server.join()];
  const views = texts.map((text) => createFakeView(text));
  for (let round = 0; round < 40; round++) {
    const action = random(10);
    const view: FakeView | undefined = views[random(3)];
    const text = texts[random(3)];
    if (!view || !text) continue;
    if (action < 4) {
      const { length } = view.state.doc;
      const places = [random(length + 1), random(length + 1), random(length + 1)].sort((a, b) => a - b);
      const [a = 0, b = 0, c = 0] = places;
      const changes = ChangeSet.of(
        [
          { from: a, to: Math.min(b, a + 3), insert: random(2) ? "\n" : "ab" },
          { from: c, insert: random(2) ? "😎" : "" },
        ],
        length,
      );
      view.dispatch({ changes });
      if (random(3) === 0) view.dispatch({ changes: { from: 0, insert: "." } });
    } else if (action === 4) text.insert(0, "t");
    else if (action === 5) text.replace(text.value.slice(0, -2));
    else if (action === 6) await Promise.resolve();
    else server.deliver(random);
  }
  while (server.deliver(random));
  await settled();
  return [...views.map((view) => view.value), ...texts.map((text) => text.value), server.value];
}

test("X80 three editors at random agree in the end", async () => {
  for (let seed = 0; seed < 300; seed++) {
    expect(new Set(await playAtRandom(seed)).size, `seed ${seed}`).toBe(1);
  }
});

test("X82 a caret goes along with what is put right at it by what is done here, as by undo", async () => {
  const { scene, ann, bob } = await openPair([row("a", "one")]);
  const undos = createUndo(ann.doc);
  const view = createFakeView(text(ann));
  view.dispatch({ changes: { from: 3, insert: " two" }, selection: { anchor: 7 } });
  await scene.settle();
  undos.undo();
  await scene.settle();
  expect([view.value, view.state.selection.main.head]).toEqual(["one", 3]);
  undos.redo();
  await scene.settle();
  expect([view.value, view.state.selection.main.head]).toEqual(["one two", 7]);
  text(bob).insert(7, " three");
  await scene.settle();
  expect([view.value, view.state.selection.main.head]).toEqual(["one two three", 7]);
});

test("X111 X112 X115 what is typed in one go is undone in one go, and nothing that others wrote", async () => {
  // No pause, however slow the machine.
  onTestFinished(() => void vi.useRealTimers());
  vi.useFakeTimers({ toFake: ["Date"] });
  const { scene, ann, bob } = await openPair([row("a", "")]);
  const undos = createUndo(ann.doc);
  const view = createFakeView(text(ann));
  const typed: unknown[] = [];
  ann.doc.on("event", ({ client, meta }) => client === ann.doc.client && typed.push(meta?.group));
  const put = (insert: string, userEvent = "input.type") => {
    const { from } = view.state.selection.main;
    view.dispatch({ changes: { from, insert }, selection: { anchor: from + insert.length }, userEvent });
  };
  const values: string[] = [];
  const undo = async () => {
    undos.undo();
    await scene.settle();
    values.push(view.value);
  };
  for (const letter of "one") put(letter);
  await scene.settle();
  text(bob).insert(1, "(bob)");
  await scene.settle();
  put("!");
  put("PASTED", "input.paste");
  put("\n", "input");
  for (const letter of "two") put(letter);
  view.dispatch({ selection: { anchor: 0 } });
  put(">");
  for (let count = 0; count < 2; count++) {
    const { head } = view.state.selection.main;
    view.dispatch({ changes: { from: head, to: head + 1 }, userEvent: "delete.forward" });
  }
  await scene.settle();
  for (let count = 0; count < 6; count++) await undo();
  expect(values).toEqual([
    ">o(bob)ne!PASTED\ntwo",
    "o(bob)ne!PASTED\ntwo",
    "o(bob)ne!PASTED\n",
    "o(bob)ne!PASTED",
    "o(bob)ne!",
    "(bob)",
  ]);
  const [first, second, pasted] = typed;
  expect([second, pasted]).toEqual([first, expect.not.stringMatching(String(first))]);
});

test("X113 what is typed offline is undone by groups as well", async () => {
  // No pause, however slow the machine.
  onTestFinished(() => void vi.useRealTimers());
  vi.useFakeTimers({ toFake: ["Date"] });
  const { scene, ann } = await openPair([row("a", "")]);
  const undos = createUndo(ann.doc);
  const view = createFakeView(text(ann));
  ann.machine.online = false;
  await scene.settle();
  const put = (from: number, insert: string) =>
    view.dispatch({ changes: { from, insert }, selection: { anchor: from + insert.length }, userEvent: "input.type" });
  for (const [at, letter] of [..."one"].entries()) put(at, letter);
  view.dispatch({ selection: { anchor: 0 } });
  for (const [at, letter] of [..."two"].entries()) put(at, letter);
  expect(ann.doc.pending).toBe(2);
  undos.undo();
  ann.machine.online = true;
  await scene.settle();
  expect(view.value).toBe("one");
});
