import type { TreeEvent } from "durable-grove/client";
import type { NodeId, TreeDocument } from "durable-grove/react";
import { me } from "./me.ts";
import { shownText } from "./rows.ts";

/** What the tree does not say any more, or never did, but the page has seen: rows that are gone, and who does what. */
export interface Remembered {
  /** What a row says, or said when it was last there. */
  text(id: NodeId): string;
  /** The parent that we gave to a row, or saw it have when we last changed it. */
  parentAsked(id: NodeId): NodeId | undefined;
  /** The event that removed a row, or what it stood in. */
  remover(id: NodeId): Removal | undefined;
  nameOf(author: Author): string;
  isMine(event: TreeEvent): boolean;
  /** To be called with each event before anything else is asked about it. */
  hear(event: TreeEvent): void;
  end(): void;
}

interface Removal {
  readonly event: TreeEvent;
  /** What was removed, with the row in it, and where that stood. */
  readonly top: NodeId;
  readonly parent: NodeId | undefined;
}

/** Who made an event, or stood in the way. */
interface Author {
  readonly client?: string | null | undefined;
  readonly userId?: string | null | undefined;
}

const known = new WeakMap<TreeDocument, Remembered>();

/** What is remembered of a document since `remember` was called. */
export function rememberedOf(doc: TreeDocument): Remembered | undefined {
  return known.get(doc);
}

export function remember(doc: TreeDocument): Remembered {
  const rows = new Map<NodeId, { readonly text: string; readonly parent: NodeId | null | undefined }>();
  const asked = new Map<NodeId, NodeId>();
  const removers = new Map<NodeId, TreeEvent>();
  const names = new Map<string, string>();

  const end = doc.on("change", ({ ids, source }) => {
    for (const id of ids) {
      const node = doc.get(id);
      if (!node) continue;
      const parent = doc.parent(id);
      rows.set(id, { text: shownText(node), parent });
      if (source === "local" && parent) asked.set(id, parent);
    }
  });
  const nameOf = ({ client, userId }: Author) => userId ?? (client && names.get(client)) ?? "somebody else";
  const remembered: Remembered = {
    text: (id) => rows.get(id)?.text ?? "",
    parentAsked: (id) => asked.get(id),
    remover(id) {
      for (let at: NodeId | null | undefined = id; at && !doc.get(at); at = rows.get(at)?.parent) {
        const event = removers.get(at);
        if (event) return { event, top: at, parent: rows.get(at)?.parent ?? undefined };
      }
      return undefined;
    },
    nameOf,
    isMine: (event) => nameOf(event) === me,
    hear(event) {
      const { client, meta, ops } = event;
      if (client !== null && typeof meta?.by === "string") names.set(client, meta.by);
      for (const effect of ops) if (effect.op === "remove") removers.set(effect.id, event);
    },
    end,
  };
  known.set(doc, remembered);
  return remembered;
}
