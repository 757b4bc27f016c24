import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { TreeDocument } from "../../src/client/index.ts";
import type { HistoryEntry } from "../../src/protocol/index.ts";
import type { NodeData, NodeId } from "../../src/tree/index.ts";
import { runs } from "../support/seed.ts";
import type { Page } from "./page.ts";
import { anyScript, type Script } from "./script.ts";
import { act, createStage, type Stage } from "./stage.ts";

const RUNS = 150;
const counts = new Map<string, number>();
const note = (what: string) => void counts.set(what, (counts.get(what) ?? 0) + 1);

describe("simulated people", { timeout: 600_000 }, () => {
  test("R1–R4, R6, R8, R10–R12, R16: whatever happens to connections, pages and the object, all agree in the end", async () => {
    await fc.assert(fc.asyncProperty(anyScript, simulate), runs(RUNS));
  });

  test("met everything that they are about", () => {
    const least = (count: number, ...names: string[]) => {
      for (const name of names) expect(counts.get(name) ?? 0, name).toBeGreaterThanOrEqual(count);
    };
    least(RUNS, "resume by delta", "resume by snapshot", "mutate", "undo", "redo", "made offline");
    least(RUNS, "committed", "refused", "cut", "crash", "evict", "stop", "hold", "offline", "open", "close");
    least(
      RUNS / 2,
      "unchanged here",
      "restored without content",
      "duplicate",
      "linger",
      "spoilt",
      "closed with something pending",
      "closed",
    );
    least(RUNS / 10, "unchanged there", "left behind, sent", "rejection: exists");
    least(RUNS / 50, "skipped: changed");
    least(RUNS / 500, "rejection: cycle");
  });

  afterAll(() => console.info("the people met", Object.fromEntries([...counts].sort())));
});

async function simulate({ people, actions }: Script): Promise<void> {
  const stage = createStage(people, note);
  await stage.server.settle();
  for (const action of actions) await act(stage, action, note);
  await comeToRest(stage);
  expectTruth(stage);
}

/** Everyone is online, with a page, and everything arrives. */
async function comeToRest({ server, profiles, closing }: Stage): Promise<void> {
  for (const { machine } of profiles) {
    machine.release();
    machine.linger();
    machine.online = true;
  }
  await server.advance(60_000);
  await Promise.all(closing);
  for (const profile of profiles) if (profile.pages.length === 0) profile.open();
  // What is left of clients whose page was closed while another was open goes to the next page that is opened.
  for (const profile of profiles) if (profile.closed.length > 0) profile.open();
  for (const profile of profiles) profile.spoilt = false;
  await server.advance(60_000);
  await server.settle();
}

function expectTruth({ server, profiles, made, unchanged }: Stage): void {
  const state = server.call("plan").getState();
  if (!state.ok) throw new Error(state.problem.message);
  const history = historyOf(server);
  const pages = profiles.flatMap(({ pages, closed }) => [...pages, ...closed]);
  for (const { machine } of profiles) expect(machine.errors).toEqual([]);
  for (const page of pages) expect(page.errors).toEqual([]);
  for (const { doc } of profiles.flatMap(({ pages }) => pages)) {
    expect({ status: doc.status, pending: doc.pending }).toEqual({
      status: { state: "live", reason: null },
      pending: 0,
    });
    expect(doc.toData(), "R16").toEqual(state.value.tree);
    expect(asRead(doc, doc.root ?? ""), "R3").toEqual(state.value.tree);
    expect([doc.seq, doc.size]).toEqual([state.value.seq, sizeOf(state.value.tree)]);
  }
  expectOnce(history, pages, made, unchanged);
  for (const page of pages) expectAnswers(history, page);
}

/** What an application has read node by node, and has no reason to read again. */
function asRead(doc: TreeDocument, id: NodeId): NodeData {
  const { type, attrs } = doc.get(id) ?? { type: "", attrs: {} };
  const children = doc.children(id).map((child) => asRead(doc, child));
  return {
    id,
    type,
    ...(Object.keys(attrs).length > 0 && { attrs }),
    ...(children.length > 0 && { children }),
  };
}

/** R4: each mutation that was made is in the history once, or was reported once, or changed nothing. */
function expectOnce(
  history: readonly HistoryEntry[],
  pages: readonly Page[],
  made: number,
  unchanged: ReadonlySet<unknown>,
): void {
  const outcomes = new Map<unknown, string[]>();
  const add = (n: unknown, what: string) => {
    if (n !== undefined) outcomes.set(n, [...(outcomes.get(n) ?? []), what]);
  };
  for (const { seq, meta } of history) add(meta?.n, `event ${seq}`);
  for (const { rejected } of pages) for (const { n, code } of rejected) add(n, code);
  for (const n of unchanged) add(n, "unchanged");
  for (let n = 1; n <= made; n++) expect(outcomes.get(n) ?? [], `R4: mutation ${n}`).toHaveLength(1);
  const last = new Map<string | null, number>();
  for (const { client, mutation } of history) {
    if (client === null || mutation === null) continue;
    expect(mutation, `R4: ${client} in order`).toBeGreaterThan(last.get(client) ?? 0);
    last.set(client, mutation);
  }
}

function expectAnswers(history: readonly HistoryEntry[], { answers, doc }: Page): void {
  for (const answer of answers) {
    note(answer.state);
    if (answer.state === "waiting") throw new Error(`${doc.status.state}: a mutation was never answered`);
    if (answer.state === "unchanged") expect(answer.event).toMatchObject({ client: doc.client, ops: [] });
    if (answer.state !== "committed") continue;
    const { touched: _, ...event } = history[answer.event.seq - 1] ?? { touched: [] };
    expect(answer.event).toEqual(event);
  }
}

function historyOf(server: Stage["server"]): readonly HistoryEntry[] {
  const page = server.call("plan").history({ limit: 1_000 });
  if (!page.ok) throw new Error(page.problem.message);
  expect(page.value.more).toBe(false);
  return page.value.entries;
}

function sizeOf({ children = [] }: { readonly children?: readonly object[] | undefined }): number {
  return children.reduce((sum: number, child) => sum + sizeOf(child), 1);
}
