/** What somebody means who presses a key or chooses from a menu, where it is not text. */
export type Intent = "enter" | "backspace" | "delete" | "undo" | "redo";

const ofInput: Readonly<Record<string, Intent>> = {
  insertLineBreak: "enter",
  insertParagraph: "enter",
  deleteContentBackward: "backspace",
  deleteWordBackward: "backspace",
  deleteSoftLineBackward: "backspace",
  deleteHardLineBackward: "backspace",
  deleteContentForward: "delete",
  deleteWordForward: "delete",
  deleteSoftLineForward: "delete",
  deleteHardLineForward: "delete",
  historyUndo: "undo",
  historyRedo: "redo",
};

const ofKey: Readonly<Record<string, Intent>> = {
  Enter: "enter",
  Backspace: "backspace",
  Delete: "delete",
  "Control+z": "undo",
  "Control+Shift+z": "redo",
  "Control+y": "redo",
};

/** What is about to be done to the text: keyboards on screens press no keys, and menus neither. */
export function intentOfInput({ inputType }: InputEvent): Intent | undefined {
  return ofInput[inputType];
}

/** Not every browser tells before it does nothing, as Backspace at the beginning does. Ctrl and ⌘ are one. */
export function intentOfKey({ key, altKey, ctrlKey, metaKey, shiftKey }: KeyboardEvent): Intent | undefined {
  const held = [altKey && "Alt", (ctrlKey || metaKey) && "Control", shiftKey && "Shift"].filter(Boolean);
  return ofKey[[...held, key.length === 1 ? key.toLowerCase() : key].join("+")];
}

/** Typed or deleted key by key; everything else brings or takes a whole: pasted, cut, corrected. */
const TYPED =
  /^(insertText|insertCompositionText|insertFromComposition|delete(Content|Word|SoftLine|HardLine)(Back|For)ward)$/;

export function isTyped(event: Event): boolean {
  return "inputType" in event && TYPED.test(String(event.inputType));
}

const BRINGS_TEXT: ReadonlySet<string> = new Set([
  "insertFromPaste",
  "insertFromPasteAsQuotation",
  "insertFromDrop",
  "insertFromYank",
]);

/** The plain text that is pasted or dropped, or comes in lines; null where it is something else. */
export function textBrought({ inputType, data, dataTransfer }: InputEvent): string | null {
  if (BRINGS_TEXT.has(inputType)) return data ?? dataTransfer?.getData("text/plain") ?? "";
  // By who dictates, by a script, by an extension.
  return inputType === "insertText" && data && /[\r\n]/.test(data) ? data : null;
}
