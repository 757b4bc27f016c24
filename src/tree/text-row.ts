import { type Burial, burialOf, isExpired } from "./above.ts";
import { notFound, refuse } from "./decide.ts";
import type { Draft } from "./draft.ts";
import { countMarks, weighMarks } from "./marks.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import { textIn } from "./texts.ts";
import type { Refusal } from "./verdict.ts";

/** A row with a text that may be changed. */
export interface Row {
  readonly node: Readonly<NodeRecord>;
  readonly burial: Burial | null;
  readonly text: string;
}

export function rowOf({ store, context }: Draft, id: NodeId, attr: string): Row | Refusal {
  const node = store.get(id);
  const burial = node ? burialOf(store, node) : null;
  if (!node || isExpired(burial)) return notFound(id);
  const text = textIn(node.attrs, attr);
  if (text === null) return refuse("invalid", `attribute ${attr} of node ${id} is no text`);
  const length = text.length + weighMarks(node.attrs, attr);
  return context.budget?.dragsText(length, countMarks(node.attrs, attr)) ?? { node, burial, text };
}
