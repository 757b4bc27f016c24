import { type Extension, type Range, StateEffect } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  type PluginValue,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from "@codemirror/view";
import type { Text } from "../client/index.ts";
import { caretElement, selectionStyle } from "../editors/caret-element.ts";
import { type Caret, type CaretOptions, createCarets, type Drawn, mapped } from "../editors/carets.ts";

const LOOK = EditorView.baseTheme({
  ".grove-caret::after": {
    content: "attr(data-label)",
    position: "absolute",
    insetInlineStart: "-2px",
    insetBlockEnd: "100%",
    padding: "0 0.25em",
    font: "0.7rem/1.3 system-ui, sans-serif",
    whiteSpace: "nowrap",
    color: "white",
    backgroundColor: "var(--grove-color)",
    // It covers the line above: it goes when its owner has not moved for a while.
    animation: "grove-label 0.4s 2s forwards",
  },
  "@keyframes grove-label": { to: { visibility: "hidden", opacity: 0 } },
  '.grove-caret[data-label=""]::after': { display: "none" },
});

const drawn = StateEffect.define<readonly Drawn[]>();

/** Shows where the others are in a text, and tells them where one is oneself as long as the editor has the focus. */
export function carets(text: Text, options: CaretOptions): Extension {
  const plugin = ViewPlugin.define((view) => createPainter(view, text, options), {
    decorations: ({ decorations }) => decorations,
  });
  return [plugin, LOOK];
}

interface Painter extends PluginValue {
  readonly decorations: DecorationSet;
}

function createPainter(view: EditorView, text: Text, options: CaretOptions): Painter {
  let shown: readonly Drawn[] = [];
  let decorations = Decoration.none;

  const drawnOf = ({ subscriber, color, label, told, head, anchor }: Caret): Drawn[] => {
    if (head.id !== text.id || head.attr !== text.attr) return [];
    const { length } = view.state.doc;
    const end = anchor.id === text.id ? anchor.index : head.index;
    return [{ subscriber, color, label, told, head: Math.min(head.index, length), anchor: Math.min(end, length) }];
  };
  const paint = () => {
    const { head, anchor } = view.state.selection.main;
    const placeOf = (index: number) => ({ id: text.id, attr: text.attr, index });
    if (view.hasFocus) others.tell(placeOf(head), placeOf(anchor));
    else others.tell(null);
    const next = others.read().flatMap(drawnOf);
    if (JSON.stringify(next) !== JSON.stringify(shown)) view.dispatch({ effects: drawn.of(next) });
  };
  const others = createCarets(text.document, options, paint);

  return {
    get decorations() {
      return decorations;
    },
    update({ docChanged, changes, selectionSet, focusChanged, transactions }: ViewUpdate) {
      if (docChanged || selectionSet || focusChanged) others.look();
      const before = shown;
      if (docChanged && shown.length > 0) {
        shown = mapped(shown, (position) => changes.mapPos(position, -1));
      }
      for (const { effects } of transactions) for (const effect of effects) if (effect.is(drawn)) shown = effect.value;
      if (shown !== before) decorations = Decoration.set(shown.flatMap(decorationsOf), true);
    },
    destroy: others.release,
  };
}

function decorationsOf({ head, anchor, color, label, told }: Drawn): Range<Decoration>[] {
  const caret = Decoration.widget({ widget: new CaretWidget(color, label, told), side: -1 }).range(head);
  if (head === anchor) return [caret];
  const selected = Decoration.mark({ class: "grove-selection", attributes: { style: selectionStyle(color) } });
  return [selected.range(Math.min(head, anchor), Math.max(head, anchor)), caret];
}

class CaretWidget extends WidgetType {
  readonly color: string;
  readonly label: string;
  readonly told: number;

  constructor(color: string, label: string, told: number) {
    super();
    this.color = color;
    this.label = label;
    this.told = told;
  }

  override eq({ color, label, told }: CaretWidget): boolean {
    return color === this.color && label === this.label && told === this.told;
  }

  override toDOM(): HTMLElement {
    return caretElement(this.color, this.label);
  }

  override ignoreEvent(): boolean {
    return true;
  }
}
