import type { TreeEvent } from "../protocol/index.ts";
import {
  applyEvent,
  commitLayer,
  createLayer,
  fromRows,
  type History,
  type Layer,
  type MapStore,
  type MutationContext,
  mutate,
  type NodeId,
  type NodeRecord,
  type NodeRow,
  type Provenance,
  type ReadStore,
  type Undo,
} from "../tree/index.ts";
import { type Difference, difference } from "./difference.ts";
import type { Merging } from "./merging.ts";
import type { Pending } from "./pending.ts";
import { isLacking, isTooMuch, letGoOfRemoved, removedMore } from "./removed.ts";
import { decided, type Step } from "./step.ts";

/** Takes down what undo needs. */
export interface Recorder {
  readonly provenance: Provenance;
  /** Applies an event of ours; the step of its mutation, or a new one, becomes what it did in the end. */
  commit(tree: Layer, event: TreeEvent, known: Step | undefined): Step;
  /** What an undo may name, with what is pending; who did what there was at a seq is not known. */
  history(pending: readonly Pending[], since: number, client: string): OwnHistory;
  /** Nothing of what was done is in the document any more. */
  forget(): void;
}

/** As the tree asks for it, all of it our own. */
export interface OwnHistory extends History {
  named(operation: Undo): readonly Step[];
  at(seq: number): Step | undefined;
}

/** What came of a list of events. */
export interface Heard {
  readonly changed: Difference;
  /** Those that were new. */
  readonly news: readonly TreeEvent[];
  /** What was answered by them, new or not. */
  readonly answered: readonly { readonly event: TreeEvent; readonly pending: Pending }[];
}

/**
 * The tree twice: as it is confirmed, made of events alone, and as it looks with everything pending applied to it once
 * more after each event (docs/protocol.md, section 10). Pure: it knows neither connections nor time.
 */
export interface Replica {
  readonly client: string;
  readonly incarnation: string | undefined;
  /** The last event applied; 0 without a tree. */
  readonly seq: number;
  /** What was removed up to this seq is not held here any more. */
  readonly keeps: number;
  readonly pending: readonly Pending[];
  /** What is seen; null before there is a tree. */
  readonly tree: ReadStore | null;
  /** A layer over what is seen, for a mutation in the making, and how to decide its operations. */
  draft(): { readonly layer: Layer; readonly context: MutationContext };
  /** Takes a mutation in, with the layer that it was made in; from another visit, before there is a tree, without. One that has grown is in already. */
  push(pending: Pending, made?: Layer): Difference;
  /** Replaces the confirmed tree by one that has our mutations up to `answered` in it. Throws if the rows are not one tree; then nothing has changed. */
  load(incarnation: string, seq: number, rows: Iterable<NodeRow>, answered?: number): Difference;
  /**
   * Throws if an event does not fit, or one is missing; null if one restores what is not held any more. Then nothing has
   * changed.
   */
  hear(events: readonly TreeEvent[]): Heard | null;
  /** It will not be: takes it off the list, and, where that `holds` what was sent behind it, out of that. Null if it was not on it. */
  drop(
    client: string,
    mutation: number,
    holds?: boolean,
  ): { readonly pending: Pending; readonly changed: Difference } | null;
  /** From now on steps are taken down, for undo; and what is pending and undoes something is seen. */
  record(by: Recorder): Difference;
  /** From now on texts are merged. */
  merge(by: Merging): Difference;
  readonly merging: Merging | null;
  /** The tree as it is confirmed; what is removed is in it, too. */
  readonly confirmed: ReadStore | null;
}

const NOTHING: Difference = { contents: new Set(), lists: new Set(), linked: new Set(), placed: new Set() };

/** Whether an event is what was made of its mutation here. Looks at the text: keys in another order only cost a rebuild. */
function isForeseen({ step }: Pending, { ops }: TreeEvent): boolean {
  return JSON.stringify(step.effects) === JSON.stringify(ops);
}

export function createReplica(client: string, newId: () => string): Replica {
  let confirmed: MapStore | null = null;
  let seen: Layer | null = null;
  let incarnation: string | undefined;
  let seq = 0;
  let keeps = 0;
  /** The seq of the last snapshot. */
  let loaded = 0;
  let pending: Pending[] = [];
  let removed = 0;
  let mostAlive = 0;
  let recorder: Recorder | null = null;
  let merging: Merging | null = null;
  /** The seqs of our own events, as long as something pending may be older. */
  const own = new Set<number>();

  const contextOf = (index: number, base?: number, of = client): MutationContext => ({
    seq: seq + 1 + index,
    newId,
    history: recorder?.history(pending, loaded, of),
    ...merging?.deciding,
    ...(base !== undefined && { sees: (placed) => placed <= base || placed > seq || own.has(placed) }),
  });
  /** Applies what is pending to the confirmed tree; what does not fit is passed over: the server decides. */
  const replay = (tree: MapStore): Layer => {
    const layer = createLayer(tree);
    const sight = merging?.sight();
    for (const [index, each] of pending.entries()) {
      const context = contextOf(index, each.base, each.client);
      decided(each.step, context.seq, mutate(layer, each.ops, sight ? sight(each, context) : context));
    }
    return layer;
  };
  /** Runs a change of the confirmed tree or of what is pending, and tells what is different to see. */
  const rebuild = (touched: Iterable<NodeId>, change: (note: (id: NodeId) => void) => MapStore): Difference => {
    const before = new Map<NodeId, Readonly<NodeRecord> | undefined>();
    const old = seen;
    const buried = old?.buried ?? 0;
    const note = (id: NodeId) => {
      if (!before.has(id)) before.set(id, old?.get(id));
    };
    for (const id of touched) note(id);
    for (const id of old?.changed() ?? []) note(id);
    const tree = change(note);
    const next = replay(tree);
    // What neither the old layer nor the confirmed tree has touched reads the same through both.
    for (const id of next.changed()) note(id);
    seen = next;
    confirmed = tree;
    return difference(before, next, buried);
  };
  const rework = (change: () => void): Difference => {
    const tree = confirmed;
    if (tree) {
      return rebuild([], () => {
        change();
        return tree;
      });
    }
    change();
    return NOTHING;
  };
  const without = (answered: ReadonlySet<Pending>) => {
    if (answered.size > 0) pending = pending.filter((each) => !answered.has(each));
    if (pending.length === 0) own.clear();
  };
  const seenOnes = () => new Set(pending.filter(({ step }) => step.effects.length > 0));
  /** What undo has known is of no use where others let something of ours come into sight, or go. */
  const compare = (before: ReadonlySet<Pending>) => {
    const now = seenOnes();
    if (pending.some((each) => before.has(each) !== now.has(each))) merging?.begins(pending);
  };
  const find = (of: string | null, mutation: number | null) =>
    pending.find((each) => each.mutation === mutation && each.client === of);

  return {
    client,
    get incarnation() {
      return incarnation;
    },
    get seq() {
      return seq;
    },
    get keeps() {
      return keeps;
    },
    get pending() {
      return pending;
    },
    get tree() {
      return seen;
    },
    draft() {
      if (!seen) throw new Error("there is no tree yet");
      return { layer: createLayer(seen), context: contextOf(pending.length) };
    },
    push(each, made) {
      if (!pending.includes(each)) {
        merging?.made(each);
        pending.push(each);
      }
      if (!seen || !made) return NOTHING;
      const { buried } = seen;
      const before = new Map<NodeId, Readonly<NodeRecord> | undefined>();
      // Committing puts other records in their place: these stay what they were.
      for (const id of made.changed()) before.set(id, seen.get(id));
      commitLayer(made, seen);
      return difference(before, seen, buried);
    },
    load(life, at, rows, answered = 0) {
      const tree = fromRows(rows);
      tree.provenance = recorder?.provenance ?? null;
      const old = confirmed;
      const touched = new Set<NodeId>();
      for (const record of confirmed?.records() ?? []) touched.add(record.id);
      for (const record of tree.records()) touched.add(record.id);
      const changed = rebuild(touched, () => {
        incarnation = life;
        seq = at;
        keeps = at;
        loaded = at;
        removed = 0;
        mostAlive = tree.size;
        own.clear();
        // Nobody has seen anything of another life.
        for (const each of pending) {
          if (each.incarnation === life) continue;
          each.incarnation = life;
          each.base = 0;
        }
        merging?.replaced(old, tree, at, pending, answered);
        return tree;
      });
      merging?.begins(pending);
      return changed;
    },
    hear(events) {
      if (!confirmed) throw new Error("an event came before the tree");
      const tree = confirmed;
      const draft = createLayer(tree);
      const hearing = merging?.hearing(pending);
      const before = seenOnes();
      const answered: { event: TreeEvent; pending: Pending }[] = [];
      const news: TreeEvent[] = [];
      let at = seq;
      let foreseen = true;
      let alive = mostAlive;
      let steps: Difference["steps"];
      for (const [index, event] of events.entries()) {
        const mine = find(event.client, event.mutation);
        if (mine) answered.push({ event, pending: mine });
        foreseen &&= event.seq === at + 1 && mine !== undefined && mine === pending[index] && isForeseen(mine, event);
        // The answer to what was sent again.
        if (event.seq <= at) continue;
        if ((event.first ?? event.seq) !== at + 1) throw new Error(`event ${event.seq} came after ${at}`);
        if (isLacking(draft, event, keeps)) return null;
        at = event.seq;
        hearing?.next(draft, event, mine);
        if (recorder && event.client === client) recorder.commit(draft, event, mine?.step);
        else applyEvent(draft, event);
        alive = Math.max(alive, draft.size);
        news.push(event);
      }
      const kept = removed + removedMore(draft, tree);
      const isFull = isTooMuch(kept, alive);
      const change = (note: (id: NodeId) => void) => {
        commitLayer(draft, tree);
        seq = at;
        removed = kept;
        mostAlive = alive;
        for (const event of news) if (event.client === client) own.add(event.seq);
        without(new Set(answered.map((each) => each.pending)));
        steps = hearing?.done(pending);
        if (isFull) {
          letGoOfRemoved(tree, note);
          removed = 0;
          keeps = seq;
        }
        return tree;
      };
      if (!foreseen || isFull) {
        const changed = rebuild([...draft.changed()], change);
        compare(before);
        return { changed: { ...changed, steps }, news, answered };
      }
      // All of it is seen already, in the same records: a long absence is sent without being applied at every answer.
      change(() => {});
      if (pending.length === 0) seen = createLayer(tree);
      return { changed: NOTHING, news, answered };
    },
    drop(of, mutation, holds = false) {
      const found = find(of, mutation);
      if (!found) return null;
      const take = () => {
        if (holds) merging?.refused(found, pending);
        without(new Set([found]));
      };
      const changed = rework(take);
      if (holds || found.step.effects.length > 0) merging?.begins(pending);
      return { pending: found, changed };
    },
    record(by) {
      recorder = by;
      return rework(() => {
        if (confirmed) confirmed.provenance = by.provenance;
        // Of what there is already nobody knows any more who did it.
        loaded = seq;
      });
    },
    merge(by) {
      merging = by;
      const changed = rework(() => {});
      by.begins(pending);
      return changed;
    },
    get merging() {
      return merging;
    },
    get confirmed() {
      return confirmed;
    },
  };
}
