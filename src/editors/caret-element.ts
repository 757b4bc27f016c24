/**
 * A caret of another. It has no text, which whoever reads the page would read as written there: the name is an attribute, for a style to
 * show (`.grove-caret::after { content: attr(data-label) }`, docs/editors.md).
 */
export function caretElement(color: string, label: string): HTMLElement {
  const element = document.createElement("span");
  element.className = "grove-caret";
  element.dataset.label = label;
  element.ariaHidden = "true";
  const { style } = element;
  style.setProperty("--grove-color", color);
  style.position = "relative";
  style.borderInlineStart = "2px solid var(--grove-color)";
  style.marginInline = "-1px";
  style.pointerEvents = "none";
  return element;
}

/** What a selection of another looks like. */
export function selectionStyle(color: string): string {
  return `background-color: color-mix(in srgb, ${color} 25%, transparent)`;
}
