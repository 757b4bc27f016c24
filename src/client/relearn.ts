import type { HistoryEntry } from "../protocol/index.ts";
import { type Address, ask } from "./ask.ts";
import type { Heard, Replica } from "./replica.ts";
import type { Others, Own, UndoStacks } from "./undo-stacks.ts";

/** Learns from the document's history what can be undone, after a reload and after a snapshot. */
export interface Relearning {
  /** Takes note of what happens, for undo now and for when the history has come. */
  heard(news: Heard["news"]): void;
  /** The tree is another one: what was done and touched before is to be learnt anew. */
  replaced(): void;
  /** `answered` is the highest counter of ours that the server knows: without one there is nothing to learn. */
  caughtUp(answered: number): void;
}

/** How far back in the history undo goes, in events of the document. */
const PAST = 1_000;
/** What may happen until the history is there; with more it is not waited for any longer. */
const MOST_RECENT = 10_000;

export function createRelearning(
  stacks: UndoStacks,
  replica: Replica,
  address: Address,
  failed: (error: unknown) => void,
  changed: () => void,
): Relearning {
  /** The seq up to which the history is wanted, and what was heard since; null where nothing is wanted. */
  let wanted: { readonly until: number; readonly recent: (Own | Others)[]; asked: boolean } | null = null;

  const pending = (): Own[] =>
    replica.pending.filter(({ client }) => client === replica.client).map(({ step, meta }) => ({ step, meta }));
  const past = (entry: HistoryEntry): Own | Others => {
    if (entry.client !== replica.client) return entry;
    const { seq, ops: effects, inverse, mutation, meta } = entry;
    return { step: { mutation: mutation ?? 0, seq, effects, inverse, stood: [] }, meta };
  };

  return {
    heard(news) {
      for (const { event, step } of news) {
        if (!step) stacks.touched(event);
        wanted?.recent.push(step ? { step, meta: event.meta } : event);
      }
      if (wanted && wanted.recent.length > MOST_RECENT) wanted = null;
    },
    replaced() {
      wanted = { until: replica.seq, recent: [], asked: false };
      stacks.relearn(pending());
      changed();
    },
    caughtUp(answered) {
      if (answered === 0) wanted = null;
      const mine = wanted;
      if (!mine || mine.asked) return;
      mine.asked = true;
      readHistory(address, Math.max(0, mine.until - PAST), mine.until).then(
        (entries) => {
          if (wanted !== mine) return;
          wanted = null;
          stacks.relearn([...entries.map(past), ...mine.recent, ...pending()]);
          changed();
        },
        (error: unknown) => {
          // The next connection tries again.
          mine.asked = false;
          failed(error);
        },
      );
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
