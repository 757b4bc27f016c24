import { cursorAt } from "durable-grove/client";
import { type TreeDocument, usePresence } from "durable-grove/react";
import { colorOfName } from "./colors.ts";
import { selection } from "./focus.ts";
import { me } from "./me.ts";
import { peopleIn } from "./whereabouts.ts";

/** Tells the others where we are, as long as it is not ended. */
export function tellWhere(doc: TreeDocument): () => void {
  let last = "";
  const tell = () => {
    const here = selection();
    const cursor = here && cursorAt(doc, here.id, here.key, here.start);
    const told = { name: me, cursor: cursor && { ...cursor } };
    if (JSON.stringify(told) === last) return;
    last = JSON.stringify(told);
    doc.presence.set(told);
  };
  const events = ["selectionchange", "focusin", "focusout"];
  for (const name of events) document.addEventListener(name, tell);
  tell();
  return () => {
    for (const name of events) document.removeEventListener(name, tell);
  };
}

export function People() {
  const people = peopleIn(usePresence().others);
  return (
    <ul id="people" aria-label="Who is here">
      <li style={{ "--color": colorOfName(me) }}>{me} (you)</li>
      {people.map(({ key, name, color }) => (
        <li key={key} style={{ "--color": color }}>
          {name}
        </li>
      ))}
    </ul>
  );
}
