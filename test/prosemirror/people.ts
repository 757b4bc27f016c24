import type { Node } from "prosemirror-model";
import {
  type Command,
  EditorState,
  NodeSelection,
  type Plugin,
  TextSelection,
  type Transaction,
} from "prosemirror-state";
import type { EditorView } from "prosemirror-view";
import { expect } from "vitest";
import { mergeTexts, type TreeDocument, textOf } from "../../src/client/index.ts";
import { type GroveRowsOptions, groveRows, groveText } from "../../src/prosemirror/index.ts";
import type { NodeData } from "../../src/tree/index.ts";
import { createScene, type Scene } from "../client/scene.ts";
import { schema } from "./schema.ts";

/** An editor without a page: its state, and the views of its plugins. */
export interface FakeView {
  readonly state: EditorState;
  readonly dispatched: readonly Transaction[];
  dispatch(transaction: Transaction): void;
  updateState(state: EditorState): void;
  hasFocus(): boolean;
  destroy(): void;
}

function createFakeView(plugins: readonly Plugin[]): FakeView {
  let state = EditorState.create({ schema, plugins });
  const dispatched: Transaction[] = [];
  const view: FakeView = {
    get state() {
      return state;
    },
    dispatched,
    dispatch(transaction) {
      dispatched.push(transaction);
      view.updateState(state.apply(transaction));
    },
    updateState(next) {
      const old = state;
      state = next;
      for (const each of views) each.update?.(asView(view), old);
    },
    hasFocus: () => false,
    destroy() {
      for (const each of views) each.destroy?.();
    },
  };
  const views = plugins.flatMap(({ spec }) => spec.view?.(asView(view)) ?? []);
  return view;
}

/** What the plugins use of a view is there. */
function asView(view: FakeView): EditorView {
  const shown: unknown = view;
  if (isView(shown)) return shown;
  throw new Error("no view");
}
const isView = (view: unknown): view is EditorView => typeof view === "object";

export interface Writer {
  readonly doc: TreeDocument;
  readonly view: FakeView;
  readonly rejected: readonly string[];
  /** The blocks, as `paragraph a "text"`. */
  readonly blocks: readonly string[];
  /** Puts the selection into rows, by their index. */
  select(row: number, at: number, toRow?: number, to?: number): void;
  run(command: Command): boolean;
  type(text: string): void;
  /** Where the selection is, as `[row, at]`. */
  readonly caret: readonly [number, number];
}

function blocksOf(doc: Node): string[] {
  const blocks: string[] = [];
  doc.forEach((block) => {
    const said = block.textBetween(0, block.content.size, undefined, "\n").replaceAll("\n", "⏎");
    const text = block.isTextblock ? ` ${said}` : "";
    blocks.push(`${block.type.name} ${block.attrs.id}${text}`);
  });
  return blocks;
}

/** People who edit rows. */
export async function people(
  count: number,
  tree: NodeData,
  options: Partial<GroveRowsOptions> & { readonly single?: string; readonly plugins?: () => readonly Plugin[] } = {},
) {
  const scene = createScene({ tree });
  const all = Array.from({ length: count }, () => createWriter(scene, options));
  for (const { doc } of all) mergeTexts(doc);
  await scene.settle();
  const writers = all.map((make) => make.begin());
  await scene.settle();
  return { scene, writers };
}

/** Ann and Bob, who edit rows with these texts. */
export async function pair(texts: readonly string[], options: Parameters<typeof people>[2] = {}) {
  const { scene, writers } = await people(2, rowsOf(...texts), options);
  const [ann, bob] = writers;
  if (!ann || !bob) throw new Error("nobody");
  /** What both show, a block each, and the object has. */
  const agree = async () => {
    await scene.settle();
    expect([ann.rejected, bob.rejected]).toEqual([[], []]);
    expect(ann.blocks).toEqual(truth(scene));
    expect(bob.blocks).toEqual(truth(scene));
    ann.view.state.doc.check();
    return ann.blocks.map((block) => block.replace(/\b[0-9a-z]{20}\b/, "*"));
  };
  return { scene, ann, bob, agree };
}

function createWriter(scene: Scene, { single, plugins, ...options }: Parameters<typeof people>[2] & object) {
  const { doc, heard } = scene.open();
  return {
    doc,
    begin(): Writer {
      const bound = single
        ? groveText(textOf(doc, single, "text"), { schema })
        : groveRows(doc, { schema, ...options });
      const view = createFakeView([...bound, ...(plugins?.() ?? [])]);
      return {
        doc,
        view,
        rejected: heard.rejected,
        get blocks() {
          return blocksOf(view.state.doc);
        },
        select(row, at, toRow = row, to = at) {
          const { doc: shown, tr } = view.state;
          view.dispatch(
            tr.setSelection(TextSelection.create(shown, placeIn(shown, row, at), placeIn(shown, toRow, to))),
          );
        },
        run: (command) => command(view.state, view.dispatch),
        type: (text) => view.dispatch(view.state.tr.insertText(text)),
        get caret(): readonly [number, number] {
          const { $head } = view.state.selection;
          return [$head.index(0), $head.parentOffset];
        },
      };
    },
  };
}

export function placeIn(doc: Node, row: number, at: number): number {
  let offset = 0;
  for (let index = 0; index < row; index++) offset += doc.child(index).nodeSize;
  return offset + 1 + at;
}

export function selectBlock({ view }: Writer, row: number): void {
  const place = placeIn(view.state.doc, row, -1);
  view.dispatch(view.state.tr.setSelection(NodeSelection.create(view.state.doc, place)));
}

export function rowsOf(...texts: readonly string[]): NodeData {
  const children = texts.map((text, index) => ({ id: "abcdefgh".charAt(index), type: "paragraph", attrs: { text } }));
  return { id: "root", type: "list", children };
}

/** The rows of a tree, as the blocks of an editor are told. */
export function told(rows: readonly NodeData[]): string[] {
  return rows.map(({ id, type, attrs }) => {
    const text = type === "rule" ? "" : ` ${String(attrs?.text ?? "").replaceAll("\n", "⏎")}`;
    return `${type} ${id}${text}`;
  });
}

/** The rows that the object has. */
export const truth = (scene: Scene) => told(scene.truth().children ?? []);
