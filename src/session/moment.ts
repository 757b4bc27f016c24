import { failure, type Result } from "../protocol/index.ts";
import { ANY_NODE, type Meter, NEXT_NODE, type Slices, type StoredDocument } from "../storage.ts";
import { type ReadStore, weighAttrs } from "../tree/index.ts";

type Nodes = StoredDocument["nodes"];

/**
 * Reads the tree as it is now, in as many turns as it takes. It is frozen when the first of these ends, and not before: most
 * trees are read in one. What is looked up counts towards the turn.
 */
export function* atThisMoment<T>(
  nodes: Nodes,
  meter: Meter,
  read: (view: ReadStore) => Slices<Result<T>>,
): Slices<Result<T>> {
  let source: ReadStore = nodes;
  let frozen: ReturnType<Nodes["freeze"]> | null = null;
  const view: ReadStore = {
    root: nodes.root,
    size: nodes.size,
    buried: nodes.buried,
    get(id) {
      const node = source.get(id);
      // Its content may have been read for it.
      meter.add(ANY_NODE + (node ? weighAttrs(node.attrs) : 0));
      return node;
    },
    above(id) {
      meter.add(ANY_NODE);
      return source.above ? source.above(id) : source.get(id);
    },
    expectAbove: (ids) => nodes.expectAbove?.(ids),
    below(id) {
      meter.add(NEXT_NODE);
      return source.below ? source.below(id) : source.get(id);
    },
  };
  const work = read(view);
  try {
    for (let step = work.next(0); ; ) {
      if (step.done) return step.value;
      frozen ??= nodes.freeze();
      source = frozen.view;
      const now = yield;
      if (frozen.overtaken) return OVERTAKEN;
      step = work.next(now);
    }
  } finally {
    frozen?.release();
  }
}

/** What is read of a moment is worth nothing any more. */
export const OVERTAKEN = failure("unavailable", "the document changed too much while it was read; try again");
