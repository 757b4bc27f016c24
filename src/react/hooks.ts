"use client";

import { useCallback, useMemo, useSyncExternalStore } from "react";
import {
  createUndo,
  type DocumentEvents,
  type Other,
  type Presence,
  type Role,
  type Status,
  type Text,
  type TreeDocument,
  type TreeNode,
  textOf,
  type Undo,
  undoTexts,
} from "../client/index.ts";
import type { PastDocument } from "../history/index.ts";
import type { NodeId } from "../tree/index.ts";
import { usePast } from "./past.tsx";
import { useDocument } from "./provider.tsx";

const NO_CHILDREN: readonly NodeId[] = [];
const NO_OTHERS: readonly Other[] = [];
const CONNECTING: Status = { state: "connecting", reason: null };

/** The content of a node, by default of the root; undefined where there is none, or not yet. */
export function useNode(id?: NodeId): TreeNode | undefined {
  const [tree, watch] = useTree(id);
  return useRead(watch, () => tree.get(id), undefined);
}

/** The ids of a node's children in order, by default of the root; none where there is no such node, or not yet. */
export function useChildren(id?: NodeId): readonly NodeId[] {
  const [tree, watch] = useTree(id);
  return useRead(watch, () => tree.children(id), NO_CHILDREN);
}

export interface TextHere {
  /** What is seen of it; empty where there is no such node, or not yet. */
  readonly value: string;
  /** What edits it: the same object as long as the document, the node and the attribute are the same. */
  readonly text: Text;
}

/** A text that several people may write into. */
export function useText(id: NodeId, attr: string): TextHere {
  const doc = useDocument();
  const text = useMemo(() => {
    undoTexts(doc);
    return textOf(doc, id, attr);
  }, [doc, id, attr]);
  return { value: useRead(text.on, () => text.value, ""), text };
}

export interface PresentHere {
  /** The same list as long as nothing changes. */
  readonly others: readonly Other[];
  /** The same function as long as the document is the same. What was set stays when the component is unmounted. */
  readonly set: Presence["set"];
}

/** Who else is there, and what they are told of this connection. */
export function usePresence(): PresentHere {
  const doc = useDocument();
  const others = useRead(useEvent(doc, "presence"), () => doc.presence.others, NO_OTHERS);
  return { others, set: doc.presence.set };
}

/** Undo and redo; both functions are the same as long as the document is the same. */
export type UndoHere = Omit<Undo, "subscribe">;

/** Takes back what was done here, and says whether there is anything to take back. */
export function useUndo(): UndoHere {
  // The same one each time.
  const own = createUndo(useDocument());
  const canUndo = useRead(own.subscribe, () => own.canUndo, false);
  const canRedo = useRead(own.subscribe, () => own.canRedo, false);
  return { undo: own.undo, redo: own.redo, canUndo, canRedo };
}

export interface StatusHere extends Status {
  /** Mutations without an answer. */
  readonly pending: number;
}

/** How the connection is, and how much waits for an answer. */
export function useStatus(): StatusHere {
  const doc = useDocument();
  const status = useRead(useEvent(doc, "status"), () => doc.status, CONNECTING);
  const pending = useRead(useEvent(doc, "pending"), () => doc.pending, 0);
  return { ...status, pending };
}

/** What one may do in the document, as the server says; null before it has. */
export function useRole(): Role | null {
  const doc = useDocument();
  return useRead(useEvent(doc, "role"), () => doc.role, null);
}

type Subscribe = (changed: () => void) => () => void;

/** `before` is read on a server and while hydrating, as there no document has arrived. */
function useRead<Value>(subscribe: Subscribe, read: () => Value, before: Value): Value {
  return useSyncExternalStore(subscribe, read, () => before);
}

function useEvent(doc: TreeDocument, name: keyof DocumentEvents): Subscribe {
  return useCallback((changed) => doc.on(name, changed), [doc, name]);
}

/** What nodes are read from here, and what tells when one has changed: in a moment none does. */
function useTree(id: NodeId | undefined): readonly [TreeDocument | PastDocument, Subscribe] {
  const doc = useDocument();
  const past = usePast();
  const watch = useCallback<Subscribe>(
    (changed) => {
      if (past) return () => {};
      // Which node is the root is not known before it has arrived, and another one where the document was made anew.
      return id === undefined ? doc.on("change", changed) : doc.watch(id, changed);
    },
    [doc, past, id],
  );
  return [past ?? doc, watch];
}
