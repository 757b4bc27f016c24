import { type Changes, carry, type MarkList, type Position, type Side, type Step, sameJson } from "../../text/index.ts";
import { marksIn, type NodeId, textIn } from "../../tree/index.ts";
import type { ChangeEvent, TreeDocument } from "../document.ts";
import type { Shown } from "../engine.ts";
import { internalsOf } from "../internals.ts";
import { courseOf } from "./course.ts";
import { createMerging } from "./merging.ts";
import { createRecent, type Recent } from "./recent.ts";
import { shown } from "./shown.ts";

/** A text has changed as it is seen. */
export interface TextChange {
  /** They lead from the text before to the text now; none where only marks have changed. */
  readonly changes: Changes;
  /** As with the `change` of a document. */
  readonly source: ChangeEvent["source"];
}

/** Somebody who looks at a text, and the text as it was told last. */
interface Watcher {
  readonly id: NodeId;
  readonly attr: string;
  text: string;
  marks: MarkList;
  listener(change: TextChange): void;
}

/** A place that goes with the text around it, and that text. */
export interface Anchored {
  position: Position;
  text: string;
  readonly side: Side;
}

/** The texts of one document. */
export interface Texts {
  /** What is seen of a text; empty where there is none. */
  read(id: NodeId, attr: string): string;
  marks(id: NodeId, attr: string): MarkList;
  watch(id: NodeId, attr: string, listener: Watcher["listener"]): () => void;
  anchor(position: Position, side: Side): Anchored;
  release(anchored: Anchored): void;
  /** By which steps texts have changed, where that is known; behind what anchors and watchers are told. */
  readonly followers: Set<(steps: readonly Step[]) => void>;
  /** Behind what this client has put somewhere last: what it puts there continues it. */
  typed: Anchored | null;
  readonly recent: Recent;
  /** What all that is pending does to texts, as it is seen. */
  pending(): readonly Step[];
}

const known = new WeakMap<TreeDocument, Texts>();

/** Those of a document, which are merged from now on. */
export function textsOf(document: TreeDocument): Texts {
  const made = known.get(document) ?? create(document);
  known.set(document, made);
  return made;
}

function create(document: TreeDocument): Texts {
  const { address, whenRunning } = internalsOf(document);
  const recent = createRecent();
  const watchers = new Set<Watcher>();
  const anchors = new Set<Anchored>();
  const followers: Texts["followers"] = new Set();
  let pending = (): readonly Step[] => [];
  const texts: Texts = {
    followers,
    typed: null,
    recent,
    pending: () => pending(),
    read: (id, attr) => textIn(document.get(id)?.attrs ?? {}, attr) ?? "",
    marks: (id, attr) => marksIn(document.get(id)?.attrs ?? {}, attr) ?? [],
    watch(id, attr, listener) {
      const watcher = { id, attr, text: texts.read(id, attr), marks: texts.marks(id, attr), listener };
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    anchor(position, side) {
      const anchored = { position, text: texts.read(position.id, position.attr), side };
      anchors.add(anchored);
      return anchored;
    },
    release: (anchored) => void anchors.delete(anchored),
  };

  const move: Shown = ({ contents, steps }, source) => {
    if (contents.size === 0) return;
    const places = Array.from(anchors, ({ position, text }) => ({ ...position, text }));
    const course = courseOf([...watchers, ...places], steps);
    for (const anchored of anchors) {
      const { position, text, side } = anchored;
      if (!contents.has(position.id)) continue;
      const isThere = document.get(position.id) !== undefined;
      const now = texts.read(position.id, position.attr);
      const next = carry(position, isThere ? course.steps({ ...position, text }, now) : (steps ?? []), side);
      // In what is removed it stays, unless its text has gone elsewhere, and is there again with it.
      if (!isThere && next.id === position.id) continue;
      anchored.position = next;
      anchored.text = texts.read(next.id, next.attr);
    }
    for (const watcher of [...watchers]) {
      const { id, attr } = watcher;
      const [now, marks] = [texts.read(id, attr), texts.marks(id, attr)];
      if (now === watcher.text && (marks === watcher.marks || sameJson(marks, watcher.marks))) continue;
      const changes = now === watcher.text ? [] : course.changes(watcher, now);
      Object.assign(watcher, { text: now, marks });
      try {
        watcher.listener({ changes, source });
      } catch (error) {
        address.platform.report(error);
      }
    }
    for (const follower of followers) follower(steps ?? []);
  };

  whenRunning(({ replica, saved, merge }) => {
    const merging = createMerging(replica.client, recent, saved ?? undefined, replica.seq);
    for (const each of replica.pending) {
      each.asked ??= merging.asked(each.step, each.ops);
      merging.made(each);
    }
    pending = () => replica.pending.flatMap(({ step }) => shown(step));
    merge(merging, move);
  });
  return texts;
}
