import { applyChanges, type Bridge, normalize, type Step } from "../../src/text/index.ts";
import type { TextTrace } from "../support/text-traces.ts";
import { createOutline } from "./outline.ts";

/** Replays a trace as one text, each author behind a bridge of its own, in the order of the list. */
export function replayAsText({ authors, transactions }: TextTrace, createBridge: () => Bridge): string {
  const bridges = Array.from({ length: authors }, createBridge);
  let text = "";
  transactions.forEach(({ author, seen, patches }, index) => {
    const bridge = bridges[author];
    if (bridge === undefined) return;
    bridge.advance(seen + 1);
    const steps = patches.flatMap(([at, taken, put]) =>
      bridge.take({ op: "edit", id: "a", attr: "text", changes: normalize([...(at > 0 ? [at] : []), put, -taken]) }),
    );
    for (const step of steps) if (step.op === "edit") text = applyChanges(text, step.changes);
    for (const other of bridges) if (other !== bridge) other.add(index + 1, steps);
  });
  return text;
}

/** The same as an outline of rows. Each author has rows of its own, in which its patches are splits and joins. */
export function replayAsRows({ authors, transactions }: TextTrace, createBridge: () => Bridge): string[] {
  const server = createOutline();
  const people = Array.from({ length: authors }, () => ({ bridge: createBridge(), rows: createOutline() }));
  let made = 0;
  const see = ({ bridge, rows }: (typeof people)[number], seen: number) => {
    const unseen = bridge.steps;
    bridge.advance(seen);
    for (const step of unseen.slice(0, unseen.length - bridge.steps.length)) rows.apply(step);
  };
  transactions.forEach(({ author, seen, patches }, index) => {
    const person = people[author];
    if (person === undefined) return;
    see(person, seen + 1);
    const steps = patches
      .flatMap((patch) => person.rows.patch(patch, () => `row${made++}`))
      .flatMap((step): readonly Step[] => person.bridge.take(step));
    for (const step of steps) server.apply(step);
    for (const other of people) if (other !== person) other.bridge.add(index + 1, steps);
  });
  for (const person of people) see(person, transactions.length);
  return [server, ...people.map(({ rows }) => rows)].map((rows) => rows.text());
}
