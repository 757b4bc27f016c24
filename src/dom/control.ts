import { eachReplacement, type Field } from "./field.ts";

/** The field that an input or a text area is. */
export function controlField(control: HTMLInputElement | HTMLTextAreaElement, oneLine: boolean): Field {
  const isInput = control instanceof HTMLInputElement;
  // An input drops the ends of lines, and a text area reads "\r" as "\n" and "\r\n" as one unit.
  const lost = isInput ? /[\r\n]/g : /\r/g;
  const selected = () => {
    const { selectionStart: start, selectionEnd: end, selectionDirection: direction } = control;
    if (start === null || end === null)
      throw new TypeError(`an input of type ${control.type} has no selection to keep`);
    return { start, end, direction: direction ?? "none" };
  };
  selected();
  return {
    oneLine: oneLine || isInput,
    isRich: false,
    read: () => control.value,
    selected: () => (isActive(control) ? selected() : null),
    select: ({ start, end, direction }) => control.setSelectionRange(start, end, direction),
    write(changes) {
      eachReplacement(changes, (at, deleted, inserted) => {
        control.setRangeText(inserted, at, at + deleted, "preserve");
      });
    },
    targetOf: selected,
    shown: (text) => text.replace(lost, " "),
  };
}

/** Also in a shadow tree, and while the window itself has no focus. */
function isActive(element: HTMLElement): boolean {
  const root = element.getRootNode();
  return (root instanceof Document || root instanceof ShadowRoot) && root.activeElement === element;
}
