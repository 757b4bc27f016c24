import { eachReplacement, type Field, type Selected } from "./field.ts";

/** The field that a one-line `contenteditable` element is: its text alone, whatever elements a browser makes of it. */
export function editableField(element: HTMLElement): Field {
  const { ownerDocument: document } = element;

  /** The units in front of a place; null for a place outside. */
  const indexOf = (node: Node | null, offset: number): number | null => {
    if (!node || !element.contains(node)) return null;
    const range = document.createRange();
    range.setStart(element, 0);
    range.setEnd(node, offset);
    return range.toString().length;
  };
  /** All of it in one text node, as it is written; a caret in it stays where it is. */
  const only = (): Text => {
    const { firstChild: first } = element;
    if (first instanceof Text && element.childNodes.length === 1) return first;
    const before = selected();
    const text = document.createTextNode(element.textContent);
    element.replaceChildren(text);
    if (before) select(before);
    return text;
  };
  const selected = (): Selected | null => {
    const { anchorNode, anchorOffset, focusNode, focusOffset } = document.getSelection() ?? {};
    const anchor = indexOf(anchorNode ?? null, anchorOffset ?? 0);
    const focus = indexOf(focusNode ?? null, focusOffset ?? 0);
    if (anchor === null || focus === null) return null;
    const direction = focus < anchor ? "backward" : "forward";
    return { start: Math.min(anchor, focus), end: Math.max(anchor, focus), direction };
  };
  const select = ({ start, end, direction }: Selected) => {
    const text = only();
    const places = direction === "backward" ? [end, start] : [start, end];
    const [anchor = 0, focus = 0] = places.map((place) => Math.min(place, text.length));
    document.getSelection()?.setBaseAndExtent(text, anchor, text, focus);
  };
  return {
    oneLine: true,
    isRich: true,
    read: () => element.textContent,
    selected,
    select,
    write(changes) {
      const text = only();
      eachReplacement(changes, (at, deleted, inserted) => text.replaceData(at, deleted, inserted));
    },
    targetOf(event) {
      const [range] = event.getTargetRanges();
      const start = range ? indexOf(range.startContainer, range.startOffset) : null;
      const end = range ? indexOf(range.endContainer, range.endOffset) : null;
      return start === null || end === null ? selected() : { start, end };
    },
    shown: (text) => text,
  };
}
