import { colorOf, type Other } from "durable-grove/client";
import { type TreeDocument, usePresence } from "durable-grove/react";
import { rowInFocus } from "./focus.ts";
import { me } from "./me.ts";

interface Person {
  readonly key: string;
  readonly name: string;
  readonly color: string;
  readonly row: string | null;
  readonly caret: number;
}

const known = new WeakMap<readonly Other[], readonly Person[]>();

/** Who the others are, worked out once for all rows. What they tell may be anything. */
export function peopleIn(others: readonly Other[]): readonly Person[] {
  const people = known.get(others) ?? others.map(personIn);
  known.set(others, people);
  return people;
}

function personIn({ subscriber, user, data, color }: Other): Person {
  const told: Readonly<Record<string, unknown>> = typeof data === "object" ? { ...data } : {};
  const name = user?.name ?? (typeof told.name === "string" ? told.name : "Somebody");
  return {
    key: subscriber,
    name,
    // Nobody signs in here: a guest keeps a colour by the name.
    color: user ? color : colorOf(name),
    row: typeof told.row === "string" ? told.row : null,
    caret: typeof told.caret === "number" ? told.caret : 0,
  };
}

/** Tells the others where we are, as long as it is not ended. */
export function tellWhere(doc: TreeDocument): () => void {
  let last = "";
  const tell = () => {
    const area = rowInFocus();
    const told = { name: me, row: area?.dataset.id ?? null, caret: area?.selectionStart ?? 0 };
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
      <li style={{ "--color": colorOf(me) }}>{me} (you)</li>
      {people.map(({ key, name, color }) => (
        <li key={key} style={{ "--color": color }}>
          {name}
        </li>
      ))}
    </ul>
  );
}
