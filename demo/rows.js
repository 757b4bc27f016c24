/** What a row shows of its node: the attribute `text`, or else `name`; a node made elsewhere may have neither. */
const SHOWN = ["text", "name"];

/** The attribute that a row shows, if there is one: only text can be edited here. */
export function shownKey({ attrs }) {
  return SHOWN.find((key) => typeof attrs[key] === "string");
}

export function textOf(node) {
  return node?.attrs[shownKey(node)] ?? "";
}

/** An edit changes what is shown; a node that shows nothing gets a `text`. */
export function edit(node, text) {
  return { op: "update", id: node.id, attrs: { [shownKey(node) ?? "text"]: text } };
}
