import { bindText, type TextBinding } from "../../../../src/dom/index.ts";
import { type ChannelText, createChannel } from "../../../dom/channel.ts";

// Elements that are bound to one text, each as a member of a channel of its own, and members that are bound to nothing: others.

export type Kind = "input" | "textarea" | "row" | "editable";

const stage = {
  channel: createChannel(),
  others: [] as ChannelText[],
  texts: [] as ChannelText[],
  bindings: [] as TextBinding[],
  /** What callbacks were called with. */
  heard: [] as unknown[],
  takesLines: true,
  /** Shows a text in elements, and lets somebody else be there. */
  show(beginning: string, ...kinds: Kind[]) {
    for (const binding of stage.bindings) binding.release();
    document.body.replaceChildren();
    stage.channel = createChannel(beginning);
    stage.others = [stage.channel.join()];
    stage.heard = [];
    const elements = kinds.map(elementOf);
    document.body.append(...elements);
    stage.texts = elements.map(() => stage.channel.join());
    stage.bindings = elements.map((element, index) => {
      const text = stage.texts[index];
      if (!text) throw new Error("each element has a text");
      const hear =
        (name: string) =>
        (...values: unknown[]) =>
          stage.heard.push([name, ...values]);
      const callbacks = {
        onEnter: hear("enter"),
        onBackspaceAtStart: hear("backspace"),
        onDeleteAtEnd: hear("delete"),
        ...(stage.takesLines && { onLines: hear("lines") }),
        onUndo: hear("undo"),
        onRedo: hear("redo"),
      };
      return bindText(element, text, kinds[index] === "textarea" ? {} : callbacks);
    });
  },
  value(index = 0): string {
    const element = document.body.children[index];
    if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) return element.value;
    return element?.textContent ?? "";
  },
};

function elementOf(kind: Kind): HTMLElement {
  if (kind === "input") return document.createElement("input");
  if (kind === "textarea" || kind === "row") return document.createElement("textarea");
  const element = document.createElement("div");
  element.contentEditable = "true";
  return element;
}

declare global {
  interface Window {
    dom: typeof stage;
  }
}
window.dom = stage;
