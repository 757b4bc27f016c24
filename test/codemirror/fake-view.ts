import { EditorState, type Extension, type TransactionSpec } from "@codemirror/state";
import type { Text } from "../../src/client/index.ts";
import { createFollower } from "../../src/codemirror/follow.ts";
import { EXACT_LINES } from "../../src/codemirror/lines.ts";

export interface FakeView {
  readonly state: EditorState;
  readonly value: string;
  dispatch(...specs: TransactionSpec[]): void;
  /** Called while it updates, as other plugins are. */
  onUpdate: () => void;
  destroy(): void;
}

/** An editor without a page: its state, and the rule that it takes nothing while it is updating. */
export function createFakeView(text: Text, extensions: Extension = [], doc = text.value): FakeView {
  let state = EditorState.create({ doc, extensions: [EXACT_LINES, extensions] });
  let updating = true;
  const view: FakeView = {
    get state() {
      return state;
    },
    get value() {
      return state.doc.toString();
    },
    dispatch(...specs) {
      if (updating) throw new Error("updates are not allowed while an update is in progress");
      updating = true;
      const transaction = state.update(...specs);
      state = transaction.state;
      follower.update([transaction]);
      view.onUpdate();
      updating = false;
    },
    onUpdate: () => {},
    destroy: () => follower.destroy(),
  };
  const follower = createFollower(view, text, false);
  updating = false;
  return view;
}
