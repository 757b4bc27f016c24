import { type Intent, intentOfInput, intentOfKey, isTyped, textBrought } from "../editors/intents.ts";
import { controlField } from "./control.ts";
import { editableField } from "./editable.ts";
import type { Field, Selected } from "./field.ts";
import { createMirror, type EditableText } from "./mirror.ts";

/** What keys and pastes mean where that is not text. Places are UTF-16 units of the text; what was selected is deleted before. */
export interface TextCallbacks {
  /** Enter, or a new line of a keyboard on a screen: split the text at `at`. Without it a text area takes the line. */
  onEnter?(at: number): void;
  /** Backspace with the caret at the very beginning: join with what stands before. */
  onBackspaceAtStart?(): void;
  /** Delete with the caret at the very end: join with what comes behind. */
  onDeleteAtEnd?(): void;
  /**
   * Several lines, two at least, were pasted or dropped at `at` where only one can stand: the first belongs there, the last before
   * what stood behind. Without it they are inserted as one, with spaces between them.
   */
  onLines?(lines: readonly string[], at: number): void;
  /** Ctrl-Z, ⌘Z or a menu. The browser's own undo is never used: it knows nothing of what others did. */
  onUndo?(): void;
  /** Ctrl-Shift-Z, ⌘⇧Z, Ctrl-Y or a menu. */
  onRedo?(): void;
}

/** An element and a text that are bound to each other. */
export interface TextBinding {
  /** What is selected, in UTF-16 units of the text; null where the focus is elsewhere. */
  readonly selected: Selected | null;
  /** Takes the focus and selects; by default it is a caret. Past the end is the end. */
  select(start: number, end?: number): void;
  /** Ends it. The element stays as it is. */
  release(): void;
}

/**
 * Binds a text to an `<input>` of type text, search, tel, url or password, to a `<textarea>`, or to a `contenteditable` element of one line:
 * what is typed, composed, corrected, pasted or dropped there edits the text, and what happens to the text is written into the
 * element, around the caret. While somebody composes nothing is written; it is when that is over. Throws a TypeError for an
 * input of another type.
 */
export function bindText(element: HTMLElement, text: EditableText, callbacks: TextCallbacks = {}): TextBinding {
  const field = fieldOf(element, callbacks);
  const mirror = createMirror(field, text);
  const listening = new AbortController();
  const { signal } = listening;
  let composing = false;
  let ending: ReturnType<typeof setTimeout> | undefined;

  /** Brings field and text together before something is done in one of them. */
  const settle = () => {
    clearTimeout(ending);
    mirror.read();
    mirror.letGo();
  };
  /** Gives back whether that was all that there is to do. */
  const perform = (intent: Intent): boolean => {
    settle();
    const selected = mirror.selected();
    const isCaretAt = (place: number) => selected?.start === place && selected.end === place;
    switch (intent) {
      case "enter":
        if (!callbacks.onEnter || !selected) return false;
        mirror.replace(selected, "");
        callbacks.onEnter(selected.start);
        return true;
      case "backspace":
        if (!callbacks.onBackspaceAtStart || !isCaretAt(0)) return false;
        callbacks.onBackspaceAtStart();
        return true;
      case "delete":
        if (!callbacks.onDeleteAtEnd || !isCaretAt(text.value.length)) return false;
        callbacks.onDeleteAtEnd();
        return true;
      case "undo":
        callbacks.onUndo?.();
        return true;
      case "redo":
        callbacks.onRedo?.();
        return true;
      default:
        return assertNever(intent);
    }
  };
  /** Text that comes as a whole; gives back whether it was taken here. */
  const take = (brought: string, event: InputEvent): boolean => {
    const lines = brought.split(/\r\n|\r|\n/);
    if (!field.oneLine || (lines.length === 1 && !field.isRich)) return false;
    settle();
    const target = field.targetOf(event);
    if (!target) return false;
    const takesLines = lines.length > 1 && callbacks.onLines;
    mirror.replace(target, takesLines ? "" : lines.join(" "));
    if (takesLines) callbacks.onLines?.(lines, target.start);
    return true;
  };

  element.addEventListener(
    "keydown",
    (event) => {
      mirror.look();
      // What a key does while composing is the input method's affair; some browsers say so by the code 229 alone.
      if (composing || event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
      const intent = intentOfKey(event);
      if (intent && perform(intent)) event.preventDefault();
    },
    { signal },
  );
  element.addEventListener(
    "beforeinput",
    (event) => {
      mirror.look();
      if (composing || event.defaultPrevented) return;
      const intent = intentOfInput(event);
      const brought = textBrought(event);
      const isDone = intent ? perform(intent) : brought !== null && take(brought, event);
      if (isDone || (field.isRich && (intent === "enter" || event.inputType.startsWith("format"))))
        event.preventDefault();
    },
    { signal },
  );
  element.addEventListener("input", (event) => mirror.read({ isAlone: !isTyped(event), isComposing: composing }), {
    signal,
  });
  element.addEventListener("pointerdown", mirror.look, { signal });
  element.addEventListener(
    "compositionstart",
    () => {
      settle();
      composing = true;
      mirror.hold();
    },
    { signal },
  );
  element.addEventListener(
    "compositionend",
    () => {
      composing = false;
      mirror.read({ isComposing: true });
      // Another composition may begin at once, as with each syllable of Korean, and is not to find another text than it has left.
      ending = setTimeout(mirror.letGo);
    },
    { signal },
  );

  return {
    get selected() {
      return mirror.selected();
    },
    select(start, end = start) {
      element.focus();
      mirror.select({ start, end });
    },
    release() {
      clearTimeout(ending);
      listening.abort();
      mirror.release();
    },
  };
}

function fieldOf(element: HTMLElement, { onEnter, onLines }: TextCallbacks): Field {
  if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) {
    return controlField(element, Boolean(onEnter || onLines));
  }
  return editableField(element);
}

function assertNever(intent: never): never {
  throw new Error(`unknown intent ${String(intent)}`);
}
