import { evictDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import type { HistoryEntry } from "../../../src/protocol/index.ts";
import type { Json, NodeData } from "../../../src/tree/index.ts";
import { dedent, fromOutline } from "../../tree/outline.ts";
import { stubOf, treeOf } from "../http-client.ts";
import { createPeople, type Mode, type People } from "./people.ts";
import { eventText, short } from "./texts.ts";

/** Something that people do at a document, and what comes of it: the same whatever happens between their messages. */
export interface Scenario {
  /** Begins with the rules that it shows. */
  readonly title: string;
  /** The tree that the document is created with by PUT; null: it is not created. Default: a root alone. */
  readonly start?: string | NodeData | null;
  readonly options?: object;
  /** Where it takes seconds, as it waits for a real clock: the only modes that it is played in. */
  readonly modes?: readonly Mode[];
  play(people: People): Promise<void>;
  readonly outcome: Outcome;
}

/** How things stand in the end. */
export interface Outcome {
  /** The tree, for everyone, from memory, from the log and from the rows of a checkpoint. */
  readonly tree: string;
  /** The history: by whom, under which counter, with which receipts. */
  readonly events: readonly string[];
  /** The seq, where it is not that of the last event: a document without a log has no events. */
  readonly seq?: number;
  /** What each person was told of each of their mutations, in the order of their counters. Who sent none may be left out. */
  readonly answers: Readonly<Record<string, readonly string[]>>;
  /** Who is connected, by the names of persons. */
  readonly here: readonly string[];
  /** What everyone here sees of each other, by client. Default: nothing. */
  readonly presence?: Readonly<Record<string, Json>>;
}

interface Info {
  readonly seq: number;
  readonly treeSize: number;
  readonly subscriberCount: number;
}

let documents = 0;

/** Registers a test for each scenario, and one that what the mode does was really done. */
export function perform(all: readonly Scenario[], mode: Mode): void {
  const scenarios = all.filter(({ modes }) => modes?.includes(mode) ?? true);
  const done = { evictions: 0, reconnections: 0, lostFrames: 0, lostAnswers: 0 };
  // Not test.each: that cuts titles off.
  for (const { title, start = "root", options = {}, play, outcome } of scenarios) {
    test(title, async () => {
      const id = `${mode.replace(" ", "-")}-${++documents}`;
      const people = createPeople(id, mode);
      if (start !== null) {
        const tree = typeof start === "string" ? fromOutline(start) : start;
        expect(await people.request("PUT", "", { tree, options })).toMatchObject({ status: 201 });
      }
      await play(people);
      await people.agree();
      await people.see(outcome.presence ?? {});
      await compare(people, id, outcome);
      done.evictions += people.evictions;
      done.reconnections += people.reconnections;
      done.lostFrames += people.lost.frames;
      done.lostAnswers += people.lost.answers;
    });
  }

  test("what was to happen between the messages has happened", () => {
    const often = (count: number, expected: boolean) => (expected ? count >= scenarios.length : count === 0);
    expect(done).toSatisfy(() => often(done.evictions, mode !== "awake"));
    for (const count of [done.reconnections, done.lostFrames, done.lostAnswers]) {
      expect(done).toSatisfy(() => often(count, mode === "closing"));
    }
  });
}

async function compare(people: People, id: string, outcome: Outcome): Promise<void> {
  const tree = dedent(outcome.tree);
  const { seq, treeSize, subscriberCount } = await people.get<Info>();
  const entries = await historyOf(people);
  const here = [...people.all].filter(([, { client }]) => client.here);
  expect({
    tree: short(await people.outline()),
    events: entries.map(eventText),
    answers: answersOf(people),
    here: here.map(([name]) => name),
    seq,
    treeSize,
    subscriberCount,
  }).toEqual({
    tree,
    events: outcome.events,
    answers: outcome.answers,
    here: outcome.here,
    seq: outcome.seq ?? outcome.events.length,
    treeSize: tree.split("\n").length,
    subscriberCount: outcome.here.length,
  });
  for (const [name, { client }] of here) expect(short(client.replica.outline()), `as ${name} has it`).toBe(tree);

  expect(await people.request("POST", "/stop")).toMatchObject({ status: 200 });
  for (const [, person] of here) await person.closedWith(4000);
  await evictDurableObject(stubOf(id));
  expect(short(await treeOf(id)), "after a checkpoint").toBe(tree);
}

async function historyOf(people: People): Promise<readonly HistoryEntry[]> {
  const all: HistoryEntry[] = [];
  for (let after = 0; ; ) {
    const page = await people.get<{ entries: HistoryEntry[]; more: boolean; next: number }>(`/history?after=${after}`);
    all.push(...page.entries);
    if (!page.more) return all;
    after = page.next;
  }
}

function answersOf({ all }: People): Record<string, string[]> {
  const told = [...all].map(([name, { client }]): [string, string[]] => {
    const sorted = [...client.answers].sort(([one], [two]) => one - two);
    return [name, sorted.map(([, text]) => text)];
  });
  return Object.fromEntries(told.filter(([, answers]) => answers.length > 0));
}
