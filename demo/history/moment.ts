import type { DiffNode, DiffPage, History, HistorySession, PastDocument } from "durable-grove/history";
import { type Latest, type NodeId, useAsked } from "durable-grove/react";
import { learnNames } from "./names.ts";

/** What is shown of a moment: what was done right then, in one go, or what a restore of it would change now. */
export type Against = "before" | "now";

/** All that is shown of a moment. */
export interface Moment {
  readonly past: PastDocument;
  /** What was done up to then without a pause, and by whom; undefined where nothing was. */
  readonly session: HistorySession | undefined;
  readonly against: Against;
  readonly changes: Changes;
}

/** What differs at a moment from another, by node. */
export interface Changes {
  readonly nodes: ReadonlyMap<NodeId, DiffNode>;
  /** What is not there at the moment, by what it stood in. */
  readonly gone: ReadonlyMap<NodeId | null, readonly DiffNode[]>;
  readonly authors: DiffPage["authors"];
  /** There are more than are shown. */
  readonly more: boolean;
}

const NO_CHANGES: Changes = { nodes: new Map(), gone: new Map(), authors: {}, more: false };
/** Nodes that are shown as changed. */
const MOST = 1_000;

/** What was at a seq, where `first` is the first that can be asked for. While the slider is dragged only the last one counts. */
export function useMoment(seq: number | null, first: number, against: Against): Latest<Moment> {
  return useAsked(seq === null ? null : `${seq} ${against}`, async (history, signal) => {
    const at = seq ?? 0;
    const [past, session] = await Promise.all([history.at(at, { signal }), sessionAt(history, at, signal)]);
    const from = against === "now" ? undefined : session ? Math.max(session.first - 1, first) : at;
    const changes = from === at ? NO_CHANGES : await changesOf(history, from, at, signal);
    if (session) await learnNames(history, [{ ...session, seq: session.last }], signal);
    return { past, session, against, changes };
  });
}

async function sessionAt(history: History, seq: number, signal: AbortSignal): Promise<HistorySession | undefined> {
  const query = { order: "newest", before: seq + 1, limit: 1, summary: true } as const;
  return (await history.sessions(query, { signal }).page()).entries[0];
}

/** What differs at `to` from another seq, or from now. */
async function changesOf(
  history: History,
  from: number | undefined,
  to: number,
  signal: AbortSignal,
): Promise<Changes> {
  const start = from ?? (await history.span({ signal })).last;
  const { nodes, authors, more } = await history.diff({ from: start, to, limit: MOST }, { signal }).page();
  const makers = Object.entries(authors).map(([seq, author]) => ({ ...author, seq: Number(seq) }));
  await learnNames(history, makers, signal);
  return {
    nodes: new Map(nodes.map((node) => [node.id, node])),
    gone: Map.groupBy(
      nodes.filter(({ is }) => is === "removed"),
      (node) => ("parent" in node ? node.parent : null),
    ),
    authors,
    more,
  };
}
