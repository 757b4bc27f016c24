import { applyChanges, type Bridge, createBridge, type Step } from "../../src/text/index.ts";
import { type Effect, type Json, type Split, stepsOfEffect, type TextOperation } from "../../src/tree/index.ts";

/** Texts of rows, and which of them are there. */
export interface Texts {
  readonly text: Map<string, string>;
  readonly alive: Set<string>;
}

export function copyOf({ text, alive }: Texts): Texts {
  return { text: new Map(text), alive: new Set(alive) };
}

/** Does what a step does, by the words of the protocol. */
export function applyStep({ text, alive }: Texts, step: Step): void {
  const own = text.get(step.id) ?? "";
  if (step.op === "mark") return;
  if (step.op === "edit") text.set(step.id, applyChanges(own, step.changes));
  else if (step.op === "join") {
    text.set(step.into, (text.get(step.into) ?? "") + own).set(step.id, "");
    alive.delete(step.id);
  } else {
    const [head, tail] = [own.slice(0, step.at), own.slice(step.at)];
    text.set(step.id, step.head ? tail : head).set(step.node, (text.get(step.node) ?? "") + (step.head ? head : tail));
    alive.add(step.node);
  }
}

/** An event as far as it is about texts. */
export interface Told {
  readonly seq: number;
  readonly client: string | null;
  readonly ops: readonly Effect[];
}

export function applyEffects({ text, alive }: Texts, ops: readonly Effect[]): Step[] {
  const steps: Step[] = [];
  for (const effect of ops) {
    const before = (id: string): Json | undefined => text.get(id);
    steps.push(...stepsOfEffect(effect, before));
    if (effect.op === "edit") text.set(effect.id, applyChanges(text.get(effect.id) ?? "", effect.changes));
    else if (effect.op === "insert") {
      text.set(effect.node.id, String(effect.node.attrs?.text ?? ""));
      alive.add(effect.node.id);
    } else if (effect.op === "update" && effect.attrs) text.set(effect.id, String(effect.attrs.text ?? ""));
    else if (effect.op === "remove") alive.delete(effect.id);
    else if (effect.op === "move") alive.add(effect.id);
  }
  return steps;
}

function splitOf({ id, attr, at, node, head }: Split, length: number): Step {
  return { op: "split", id, attr, at, length, node: node.id ?? "", ...(head && { head }) };
}

interface Pending {
  readonly base: number;
  readonly steps: readonly Step[];
}

/** Somebody who shows what it does at once, and hears of the others late. */
export interface Person {
  readonly client: string;
  readonly seen: number;
  readonly confirmed: Texts;
  /** What it sees: everything that it has done on top of what it has heard. */
  view(): Texts;
  /** It has asked for this. */
  ask(operation: TextOperation): void;
  /** What it asked for last is no event. */
  unchanged(): void;
  /** Hears of the next event; says what it had expected its own to come to, and what that came to. */
  hear(event: Told): { readonly expected: readonly Step[]; readonly came: readonly Step[] } | null;
}

export function createPerson(client: string, start: Texts): Person {
  const confirmed = copyOf(start);
  let seen = 0;
  let bridge: Bridge = createBridge();
  const pending: Pending[] = [];
  const person: Person = {
    client,
    get seen() {
      return seen;
    },
    confirmed,
    view() {
      const texts = copyOf(confirmed);
      const ahead = bridge.copy();
      for (const { base, steps } of pending) {
        ahead.advance(base);
        for (const step of steps) for (const each of ahead.take(step)) applyStep(texts, each);
      }
      return texts;
    },
    ask(operation) {
      const { text } = person.view();
      const length = (id: string) => (text.get(id) ?? "").length;
      const { id, attr } = operation;
      const step: Step =
        operation.op === "edit"
          ? operation
          : operation.op === "split"
            ? splitOf(operation, length(id))
            : operation.op === "mark"
              ? operation
              : { op: "join", id, attr, into: operation.into, at: length(operation.into), length: length(id) };
      if (pending.length === 0) bridge = createBridge();
      pending.push({ base: seen, steps: [step] });
    },
    unchanged: () => void pending.pop(),
    hear({ seq, client: author, ops }) {
      seen = seq;
      const came = applyEffects(confirmed, ops);
      const own = author === client ? pending.shift() : undefined;
      if (!own) {
        if (pending.length > 0) bridge.add(seq, came);
        return null;
      }
      bridge.advance(own.base);
      const expected = own.steps.flatMap((step) => bridge.take(step));
      return { expected, came };
    },
  };
  return person;
}
