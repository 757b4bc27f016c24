import type { HistoryEntry } from "../../protocol/index.ts";
import type { Address } from "../connection/address.ts";
import { ask } from "../connection/ask.ts";
import type { UndoHook } from "../engine.ts";
import type { Pending, Replica } from "../replica.ts";
import type { Standing } from "../step.ts";
import type { Group, Others, Own, UndoStacks } from "./stacks.ts";
import { unmake } from "./unmake.ts";

/** Learns from the document's history what can be undone, after a reload and after a snapshot. */
export type Relearning = Omit<UndoHook, "made" | "dropped">;

/** How far back in the history undo goes, in events of the document. */
const PAST = 1_000;
/** What may happen until the history is there; with more it is not waited for any longer. */
const MOST_RECENT = 10_000;
/** Milliseconds that what is pending waits for the history. */
const PATIENCE = 15_000;

interface Wanted {
  readonly until: number;
  readonly recent: (Own | Others)[];
  failed: boolean;
}

export function createRelearning(
  stacks: UndoStacks,
  replica: Replica,
  address: Address,
  failed: (error: unknown) => void,
  changed: () => void,
  /** What is pending may have become another. */
  reworked: () => void,
): Relearning {
  /** The seq up to which the history is wanted, and what was heard since; null where nothing is wanted. */
  let wanted: Wanted | null = null;

  const pending = (): Own[] =>
    replica.pending
      .filter(({ client }) => client === replica.client)
      .map((each) => ({ step: each.step, meta: each.meta, undoes: (group) => remake(each, group) }));
  /** What undoes a group is worked out anew until it is sent, also when it was made in an earlier visit. */
  const remake = (each: Pending, { steps }: Group) => {
    // One that was undone in vain left no trace: what is found then is another group.
    const known = new Set(steps.flatMap(({ inverse, stood }) => [...inverse, ...stood].map(({ id }) => id)));
    if (!each.ops.every((operation) => operation.op !== "insert" && known.has(operation.id))) return;
    each.remake = (tree) => unmake(tree, steps, { seq: replica.seq + 1, newId: () => "" }, stacks.isTouched).ops;
  };
  const past = (entries: readonly HistoryEntry[]): (Own | Others)[] => {
    const stoodAt = new Map<number, Standing[]>();
    return entries.map((entry) => {
      if (entry.client !== replica.client) return entry;
      const { seq, ops: effects, inverse, mutation, meta } = entry;
      const stood: Standing[] = [];
      stoodAt.set(seq, stood);
      // What was taken out of something removed stood there until then; of several, what stood inside comes after.
      for (const each of inverse) {
        if (each.op !== "remove" || !each.was?.linked) continue;
        stoodAt.get(each.was.removed)?.unshift({ id: each.id, parent: each.was.parent, after: each.was.prev });
      }
      return { step: { mutation: mutation ?? 0, seq, effects, inverse, stood }, meta };
    });
  };

  return {
    get waiting() {
      return wanted !== null && !wanted.failed;
    },
    heard(news) {
      for (const { event, step } of news) {
        if (!step) stacks.touched(event);
        wanted?.recent.push(step ? { step, meta: event.meta } : event);
      }
      if (wanted && wanted.recent.length > MOST_RECENT) wanted = null;
    },
    replaced() {
      wanted = { until: replica.seq, recent: [], failed: false };
      stacks.relearn(pending());
      changed();
    },
    caughtUp(used) {
      if (used === 0) wanted = null;
      const mine = wanted;
      if (!mine) return;
      mine.failed = false;
      const giveUp = (error: unknown) => {
        callOff();
        if (wanted !== mine || mine.failed) return;
        // The next connection tries again.
        mine.failed = true;
        failed(error);
        reworked();
      };
      const callOff = address.platform.after(PATIENCE, () =>
        giveUp(new Error("the history could not be read in time")),
      );
      readHistory(address, Math.max(0, mine.until - PAST), mine.until).then((entries) => {
        callOff();
        if (wanted !== mine) return;
        wanted = null;
        const known = new Set(entries.map(({ client, mutation }) => client === replica.client && mutation));
        // One whose answer is still under way may be in the history already.
        const unknown = pending().filter(({ step }) => !known.has(step.mutation));
        stacks.relearn([...past(entries), ...mine.recent, ...unknown]);
        reworked();
        changed();
      }, giveUp);
    },
  };
}

/** The events after one seq, up to another, with what undoes them; as far as they are still kept. */
async function readHistory(address: Address, after: number, until: number): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  let more = after < until;
  for (let next = after; more; ) {
    const { status, text } = await ask(address, "GET", "/history", `after=${next}&limit=1000`);
    if (status !== 200) throw new Error(`the history could not be read: ${status} ${text}`);
    const page: { entries: HistoryEntry[]; more: boolean; next: number } = JSON.parse(text);
    entries.push(...page.entries);
    more = page.more && page.next < until;
    next = page.next;
  }
  return entries.filter(({ seq }) => seq <= until);
}
