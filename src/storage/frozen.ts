import {
  type Above,
  branch,
  type NodeId,
  type NodeRecord,
  type NodeText,
  nodeText,
  type ReadStore,
  weighAttrs,
  weighRecord,
} from "../tree/index.ts";
import { rowText } from "./node-rows.ts";
import type { NodePage, NodePlace, NodeTable } from "./tables.ts";

type Node = Readonly<NodeRecord>;

/** A tree held at one moment. It remembers what is changed since, so it must be released. */
export interface Frozen {
  /**
   * Every live node, in no order, and null for each row of what is not, and before each that is large: who stops there holds
   * none of it. What it has passed is not remembered any more: `view` must not be read beside it.
   */
  texts(): Generator<NodeText | null>;
  /** The same with what lies below removed nodes: whether a node does is asked the more often, the deeper it is. */
  allTexts(): Generator<NodeText | null>;
  /**
   * Every node, removed ones too, as the text of its row, and null like `texts`.
   */
  rows(): Generator<string | null>;
  /** The same, most of them in pages; `bare`: every live node as one of which nothing has ever happened. */
  pages(bare: boolean): Generator<NodePage | string | null>;
  /** The tree of that moment. Slower than `texts` for who reads all of it, and nothing that is remembered is let go. */
  readonly view: ReadStore;
  /** Every live node in document order. */
  nodes(): Generator<Node>;
  /** Too much has changed since to be remembered: what is read from now on is worth nothing. */
  readonly overtaken: boolean;
  release(): void;
}

/** Those who read a tree of one moment while it goes on changing. */
export interface Moments {
  readonly count: number;
  /** About how many bytes they remember. */
  readonly weight: number;
  /** The tree as it is now. */
  freeze(): Frozen;
  /** To be called before a record changes: those who read an earlier moment keep it as it was. */
  remember(id: NodeId): void;
  /** The set of nodes that differ from their rows is about to be another one. */
  changed(): void;
}

/** What moments need of the store that they hold. */
interface Source extends ReadStore {
  readonly table: NodeTable;
  /** The ids of nodes that differ from their rows. */
  unwritten(): Iterable<NodeId>;
}

/** What a frozen tree has to remember: records as they were, of nodes whose rows the scan has not passed yet. */
interface Moment {
  readonly before: Map<NodeId, Node | null>;
  /** Of those that it has passed what stands above others: whether these are alive has to be asked still. */
  readonly passedAbove: Map<NodeId, Above>;
  weight: number;
  passed: NodeId;
  overtaken: boolean;
}

/** What all frozen trees together may remember, in characters of attributes with an allowance for the rest. */
const BEFORE_WEIGHT = 16 * 1024 * 1024;
const IMAGE_WEIGHT = 300;
/** Of so many nodes above others it is kept in mind whether they are alive. */
const MOST_KNOWN = 100_000;

export function createMoments(source: Source): Moments {
  const frozen = new Set<Moment>();
  /** The ids of changed nodes, shared by all who freeze the tree at the same moment. */
  let unwrittenNow: ReadonlySet<NodeId> | null = null;
  /** What frozen trees remember. */
  let remembered = 0;

  const weighMoment = (moment: Moment, more: number) => {
    moment.weight += more;
    remembered += more;
  };
  const release = (moment: Moment) => {
    if (!frozen.delete(moment)) return;
    remembered -= moment.weight;
    moment.before.clear();
    moment.passedAbove.clear();
  };
  const keepAbove = (moment: Moment, node: Node | null) => {
    if (!node || node.first === null || moment.passedAbove.has(node.id)) return;
    const { id, parent, placed, removed } = node;
    moment.passedAbove.set(id, { id, parent, placed, removed });
    weighMoment(moment, IMAGE_WEIGHT);
  };
  const forget = (moment: Moment, id: NodeId, record: Node | null) => {
    moment.before.delete(id);
    weighMoment(moment, -weighImage(record));
    keepAbove(moment, record);
  };

  return {
    get count() {
      return frozen.size;
    },
    get weight() {
      return remembered;
    },
    changed() {
      unwrittenNow = null;
    },
    remember(id) {
      /** Made when somebody lacks it, and shared by all who do. */
      let image: Node | null | undefined;
      for (const moment of frozen) {
        if (moment.before.has(id)) continue;
        if (image === undefined) {
          const record = source.get(id);
          image = record ? { ...record } : null;
        }
        if (id <= moment.passed) {
          keepAbove(moment, image);
          continue;
        }
        moment.before.set(id, image);
        weighMoment(moment, weighImage(image));
      }
      // Who has been reading for longest has the most to remember.
      for (const oldest of frozen) {
        if (remembered <= BEFORE_WEIGHT) break;
        oldest.overtaken = true;
        release(oldest);
      }
    },
    freeze() {
      const moment: Moment = { before: new Map(), passedAbove: new Map(), weight: 0, passed: "", overtaken: false };
      const { before } = moment;
      unwrittenNow ??= new Set(source.unwritten());
      const unwritten = unwrittenNow;
      frozen.add(moment);
      const asItWas =
        <T>(now: (id: NodeId) => T | undefined) =>
        (id: NodeId): T | Node | undefined => {
          const image = before.get(id);
          return image === undefined ? now(id) : (image ?? undefined);
        };
      const view: ReadStore = {
        root: source.root,
        size: source.size,
        buried: source.buried,
        get: asItWas((id) => source.get(id)),
        above: (id) => moment.passedAbove.get(id) ?? asItWas((each) => source.above?.(each))(id),
        below: asItWas((id) => source.below?.(id)),
      };
      /** What was not written is told first: it may have changed meanwhile. */
      function* ofUnwritten<T>(ofRecord: (record: Node) => T | null): Generator<T | null> {
        for (const id of unwritten) {
          if (isLarge(asItWas((each) => source.get(each))(id))) yield null;
          const record = before.has(id) ? before.get(id) : source.get(id);
          if (record) yield ofRecord(record);
        }
      }
      /** At the end what is left: it was deleted before the scan came to it. */
      function* ofDeleted<T>(ofRecord: (record: Node) => T | null): Generator<T | null> {
        for (const [id, record] of before) if (record && !unwritten.has(id)) yield ofRecord(record);
      }
      /** Every node: by what was scanned of it, or by its record where that was not the same; null where these make nothing of it. */
      function* each<Scanned extends { readonly id: NodeId }, T>(
        scan: Iterable<Scanned | null>,
        ofScanned: (scanned: Scanned) => T | null,
        ofRecord: (record: Node) => T | null,
      ): Generator<T | null> {
        yield* ofUnwritten(ofRecord);
        for (const scanned of scan) {
          if (!scanned) yield null;
          if (!scanned || unwritten.has(scanned.id)) continue;
          const { id } = scanned;
          const record = before.get(id);
          moment.passed = id;
          if (record === undefined) {
            yield ofScanned(scanned);
            continue;
          }
          forget(moment, id, record);
          yield record && ofRecord(record);
        }
        yield* ofDeleted(ofRecord);
      }
      const live = (isAlive: (parent: NodeId | null) => boolean) =>
        each(
          source.table.scan(),
          ({ id, parent, prev, type, attrs }) =>
            attrs !== null && isAlive(parent) ? { id, parent, prev, type, attrs } : null,
          (record) => (record.removed === null && isAlive(record.parent) ? nodeText(record) : null),
        );
      return {
        view,
        texts: () => live(createLiveness(view)),
        allTexts: () => live(() => true),
        rows: () =>
          each(
            source.table.rows(),
            ({ text }) => text,
            (record) => rowText(record, false),
          ),
        *pages(bare) {
          const isAlive = createLiveness(view);
          const isOut = ({ parent, removed }: NodePlace) => bare && (removed !== null || !isAlive(parent));
          const ofRecord = (record: Node) => (isOut(record) ? null : rowText(record, bare));
          yield* ofUnwritten(ofRecord);
          let changed: NodeId[] = [];
          const leaveOut = (places: readonly NodePlace[]) => {
            moment.passed = places.at(-1)?.id ?? moment.passed;
            const isOther = (place: NodePlace) => unwritten.has(place.id) || before.has(place.id) || isOut(place);
            const others = places.filter(isOther).map(({ id }) => id);
            changed = others.filter((id) => before.has(id) && !unwritten.has(id));
            return others;
          };
          for (const page of source.table.pages(bare, leaveOut)) {
            yield page;
            for (const id of changed) {
              const record = before.get(id) ?? null;
              forget(moment, id, record);
              yield record && ofRecord(record);
            }
            changed = [];
          }
          yield* ofDeleted(ofRecord);
        },
        nodes: () => branch(view, view.root),
        get overtaken() {
          return moment.overtaken;
        },
        release: () => release(moment),
      };
    },
  };
}

/** Of more characters a text is large. */
const LARGE = 4 * 1024;

function isLarge(node: Node | undefined): boolean {
  return node !== undefined && weighAttrs(node.attrs) > LARGE;
}

/** Whether what stands under a node is alive, for who asks of many that stand under few. */
function createLiveness(view: ReadStore): (parent: NodeId | null) => boolean {
  const known = new Map<NodeId, boolean>();
  return (parent) => {
    // Nothing below a removed node.
    if (view.buried === 0) return true;
    const path: NodeId[] = [];
    let alive = true;
    for (let id = parent; id !== null; ) {
      const answer = known.get(id);
      if (answer !== undefined) {
        alive = answer;
        break;
      }
      path.push(id);
      const above = view.above?.(id);
      if (!above || above.removed !== null) {
        alive = false;
        break;
      }
      id = above.parent;
    }
    if (known.size > MOST_KNOWN) known.clear();
    for (const id of path) known.set(id, alive);
    return alive;
  };
}

function weighImage(record: Node | null): number {
  return record ? weighRecord(record) : IMAGE_WEIGHT;
}
