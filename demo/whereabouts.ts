import { type Cursor, carryCursor, type Other } from "durable-grove/client";
import { type NodeId, type TreeDocument, useDocument } from "durable-grove/react";
import { useCallback, useSyncExternalStore } from "react";
import { colorOfName } from "./colors.ts";

export interface Person {
  readonly key: string;
  readonly name: string;
  readonly color: string;
  /** As it was told, by what was known there. */
  readonly cursor: Cursor | null;
}

/** Somebody in a row, at a character of its text. */
export interface Here {
  readonly key: string;
  readonly name: string;
  readonly color: string;
  readonly caret: number;
}

/** Who is in which row by now, worked out once for all rows each time that the text or somebody moves. */
interface Whereabouts {
  in(id: NodeId): readonly Here[];
  subscribe(changed: () => void): () => void;
}

const NOBODY: readonly Here[] = [];
const known = new WeakMap<TreeDocument, Whereabouts>();

/** Who else is in a row; renders again when that changes. */
export function useHere(id: NodeId): readonly Here[] {
  const doc = useDocument();
  const whereabouts = known.get(doc) ?? createWhereabouts(doc);
  known.set(doc, whereabouts);
  const read = useCallback(() => whereabouts.in(id), [whereabouts, id]);
  return useSyncExternalStore(whereabouts.subscribe, read, () => NOBODY);
}

function createWhereabouts(doc: TreeDocument): Whereabouts {
  let rows = new Map<NodeId, readonly Here[]>();
  let isOld = true;
  const look = () => {
    isOld = false;
    const found = Map.groupBy(
      peopleIn(doc.presence.others).flatMap(({ key, name, color, cursor }) => {
        // Left of what others put right at it, as its owner sees it.
        const at = cursor && carryCursor(doc, cursor, "left");
        return at ? [{ id: at.id, here: { key, name, color, caret: at.index } }] : [];
      }),
      ({ id }) => id,
    );
    const before = rows;
    rows = new Map();
    for (const [id, all] of found) {
      const here = all.map((each) => each.here).sort((a, b) => a.caret - b.caret);
      const old = before.get(id);
      rows.set(id, JSON.stringify(old) === JSON.stringify(here) ? (old ?? here) : here);
    }
  };
  const listeners = new Set<() => void>();
  const moved = () => {
    isOld = true;
    for (const listener of listeners) listener();
  };
  doc.on("presence", moved);
  doc.on("change", moved);
  return {
    in(id) {
      if (isOld) look();
      return rows.get(id) ?? NOBODY;
    },
    subscribe(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
  };
}

const met = new WeakMap<readonly Other[], readonly Person[]>();

/** Who the others are. What they tell may be anything. */
export function peopleIn(others: readonly Other[]): readonly Person[] {
  const people = met.get(others) ?? others.map(personIn);
  met.set(others, people);
  return people;
}

function personIn({ subscriber, user, data, color }: Other): Person {
  const told: Readonly<Record<string, unknown>> = typeof data === "object" ? { ...data } : {};
  const name = user?.name ?? (typeof told.name === "string" ? told.name : "Somebody");
  // Nobody signs in here: a guest keeps a colour by the name.
  return { key: subscriber, name, color: user ? color : colorOfName(name), cursor: cursorIn(told.cursor) };
}

function cursorIn(told: unknown): Cursor | null {
  if (typeof told !== "object" || told === null) return null;
  const { node, attr, index, seq, client }: Readonly<Record<string, unknown>> = { ...told };
  if (typeof node !== "string" || typeof attr !== "string" || !isPlace(index) || !isPlace(seq)) return null;
  return { node, attr, index, seq, client: typeof client === "string" ? client : null };
}

function isPlace(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
