import { Annotation, type EditorState, type Extension, Transaction, type TransactionSpec } from "@codemirror/state";
import { ViewPlugin } from "@codemirror/view";
import type { Text } from "../client/index.ts";
import { createGroups, type Typing } from "../editors/groups.ts";
import { applyChanges, type Changes, compose, difference, problemOf, transform } from "../text/index.ts";
import { changesOf, rangesOf } from "./changes.ts";

/** Marks a transaction that shows what the text has already. */
const shown = Annotation.define<true>();

/** Keeps one text and the document of one editor the same. */
export function follow(text: Text, inHistory: boolean): Extension {
  return ViewPlugin.define((view) => {
    const follower = createFollower(view, text, inHistory);
    return { update: ({ transactions }) => follower.update(transactions), destroy: follower.destroy };
  });
}

/** What it needs of an editor. */
interface Editor {
  readonly state: EditorState;
  readonly composing?: boolean;
  dispatch(spec: TransactionSpec): void;
}

interface Follower {
  /** The editor has made these. */
  update(transactions: readonly Transaction[]): void;
  destroy(): void;
}

/**
 * What is typed goes to the text at once. What comes from elsewhere is shown a microtask later: an editor takes no transaction while it is
 * updating, and the text may change just then. What is typed in between is carried over what is not shown yet.
 */
export function createFollower(view: Editor, text: Text, inHistory: boolean): Follower {
  /** From what the editor has to what the text is. */
  let ahead: Changes = [];
  let waiting = false;
  /** A caret goes along with what is put right at it: that was done here, as by undo. */
  let along = false;
  /** What was typed is on its way into the text. */
  let sending = false;
  const groups = createGroups();

  const expect = (changes: Changes) => {
    ahead = compose(ahead, changes);
    if (waiting || ahead.length === 0) return;
    waiting = true;
    queueMicrotask(show);
  };
  const show = () => {
    if (!waiting) return;
    waiting = false;
    const [changes, follows] = [view.state.changes(rangesOf(ahead)), along];
    const { selection } = view.state;
    ahead = [];
    along = false;
    if (!changes.empty) {
      view.dispatch({
        changes,
        ...(follows && { selection: selection.map(changes, 1) }),
        annotations: [shown.of(true), Transaction.remote.of(true), Transaction.addToHistory.of(inHistory)],
        // No filter of the application may keep back what is so.
        filter: false,
      });
    }
    // As many units as it has, or something was told out of order, or not at all.
    if (view.state.doc.length !== text.value.length) correct();
  };
  const correct = () => {
    ahead = [];
    expect(difference(view.state.doc.toString(), text.value));
  };
  const send = (transaction: Transaction) => {
    const typed = changesOf(transaction.changes);
    const { value } = text;
    const sent = uncut(transform(typed, ahead), value);
    ahead = transform(ahead, typed, true);
    sending = true;
    text.edit(sent, { group: groups.of(sent, typingOf(transaction)) });
    sending = false;
    // It was refused, in a document that is closed for instance; or somebody who heard of it has edited the text again.
    const hoped = applyChanges(value, sent);
    if (text.value !== hoped) expect(difference(hoped, text.value));
  };

  const stop = text.on(({ changes, source }) => {
    if (sending) return;
    along ||= source === "local";
    expect(changes);
  });
  if (view.state.doc.toString() !== text.value) correct();
  return {
    update(transactions) {
      for (const transaction of transactions) {
        if (transaction.annotation(shown)) continue;
        if (transaction.docChanged) send(transaction);
        else if (!view.composing && !transaction.newSelection.eq(transaction.startState.selection)) groups.end();
      }
    },
    destroy() {
      stop();
      waiting = false;
    },
  };
}

/** What is no key says so, or nothing at all: a command of the application is undone by itself. */
function typingOf(transaction: Transaction): Typing {
  const deletes = transaction.isUserEvent("delete") && !transaction.isUserEvent("delete.cut");
  return {
    isAlone: !deletes && !transaction.isUserEvent("input.type"),
    isComposing: transaction.isUserEvent("input.type.compose"),
  };
}

/** Where one emoji replaces another, CodeMirror finds in the DOM that half of a surrogate pair has changed. */
function uncut(changes: Changes, value: string): Changes {
  return problemOf(changes, value) === null ? changes : difference(value, applyChanges(value, changes));
}
