import { type EditorState, Plugin, PluginKey } from "prosemirror-state";
import { Decoration, DecorationSet, type EditorView } from "prosemirror-view";
import type { TreeDocument } from "../client/index.ts";
import { caretElement, selectionStyle } from "../editors/caret-element.ts";
import { type Caret, type CaretOptions, type Carets, createCarets, type Drawn, mapped } from "../editors/carets.ts";
import { rowsKey } from "./follow.ts";
import { placeOf, positionOf } from "./places.ts";
import type { Rows } from "./plan.ts";
import { readSelection } from "./selection.ts";

const caretsKey = new PluginKey<readonly Drawn[]>("durable-grove-carets");

/** Shows where the others are in the rows, and tells them where one is oneself as long as the editor has the focus. */
export function carets(document: TreeDocument, attr: string, options: CaretOptions): Plugin<readonly Drawn[]> {
  let look = () => {};
  return new Plugin<readonly Drawn[]>({
    key: caretsKey,
    state: {
      init: () => [],
      apply(transaction, shown) {
        const next: readonly Drawn[] | undefined = transaction.getMeta(caretsKey);
        if (next || !transaction.docChanged) return next ?? shown;
        const { mapping } = transaction;
        return mapped(shown, (position) => mapping.map(position, -1));
      },
    },
    props: {
      decorations: (state) => DecorationSet.create(state.doc, (caretsKey.getState(state) ?? []).flatMap(decorationsOf)),
      handleDOMEvents: {
        focus: () => look(),
        blur: () => look(),
      },
    },
    view(view) {
      const others = paintCarets(view, document, attr, options);
      look = others.look;
      return { update: others.look, destroy: others.release };
    },
  });
}

function paintCarets(view: EditorView, document: TreeDocument, attr: string, options: CaretOptions): Carets {
  const others = createCarets(document, options, () => {
    readSelection(view);
    const { $head, $anchor } = view.state.selection;
    const [head, anchor] = [$head, $anchor].map((end) => placeOf(end, rowsOf(view.state), attr));
    if (view.hasFocus() && head) others.tell(head, anchor ?? head);
    else others.tell(null);
    const next = others.read().flatMap((caret) => drawnOf(caret, view.state, attr));
    if (JSON.stringify(next) === JSON.stringify(caretsKey.getState(view.state))) return;
    view.dispatch(view.state.tr.setMeta(caretsKey, next).setMeta("addToHistory", false));
  });
  return others;
}

function drawnOf({ subscriber, color, label, told, head, anchor }: Caret, state: EditorState, attr: string): Drawn[] {
  const [to, from] = [head, anchor].map((place) =>
    place.attr === attr ? positionOf(place, rowsOf(state), state.doc) : null,
  );
  if (to === null || to === undefined) return [];
  return [{ subscriber, color, label, told, head: to, anchor: from ?? to }];
}

function rowsOf(state: EditorState): Rows {
  return rowsKey.getState(state)?.rows ?? [];
}

function decorationsOf({ subscriber, head, anchor, color, label, told }: Drawn): Decoration[] {
  const caret = Decoration.widget(head, () => caretElement(color, label), {
    key: `${subscriber} ${color} ${label} ${told}`,
    side: -1,
    ignoreSelection: true,
  });
  if (head === anchor) return [caret];
  const look = { class: "grove-selection", style: selectionStyle(color) };
  return [Decoration.inline(Math.min(head, anchor), Math.max(head, anchor), look), caret];
}
