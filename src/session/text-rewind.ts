import { type Meter, type StoredDocument, type TextEvent, textEventsOf } from "../storage.ts";
import { applyChanges } from "../text/index.ts";
import type { Json, NodeId } from "../tree/index.ts";

/** Texts as an author saw them who wants to replace them: as they are now, with everything since its base taken back. */
export interface Rewinding {
  /** Does some of it; false as long as there is more to do. */
  step(work: Meter): boolean;
  /** The text that was seen; undefined where nobody else has edited it since, or its author has done something to it, too. */
  seen(id: NodeId, attr: string): string | undefined;
}

/** What takes back what an event did to a text: changes, or the value that there was. */
type Back = { readonly seq: number } & (
  | { readonly changes: Parameters<typeof applyChanges>[1] }
  | { readonly value: Json | undefined }
);

interface Wanted {
  /** The newest first. */
  readonly back: Back[];
  /** Others have edited it, and not only replaced it. */
  edited: boolean;
  own: boolean;
}

function unknown(): Wanted {
  return { back: [], edited: false, own: false };
}

export function createRewinding(
  document: StoredDocument,
  client: string | null,
  base: number,
  texts: readonly (readonly [NodeId, string])[],
): Rewinding | null {
  if (texts.length === 0) return null;
  const wanted = new Map(texts.map(([id, attr]) => [nameOf(id, attr), unknown()]));
  /** What has come since is looked at in the end. */
  let newest = document.texts.latest;
  let at = newest + 1;
  const backOf = (event: TextEvent, into: (name: string, back: Back) => void) => {
    const { seq } = event;
    for (const each of event.inverse) {
      if (each.op === "edit") into(nameOf(each.id, each.attr), { seq, changes: each.changes });
      else {
        for (const attr of [...Object.keys(each.attrs ?? {}), ...(each.unset ?? [])])
          into(nameOf(each.id, attr), { seq, value: each.attrs?.[attr] });
      }
    }
  };
  const meet = (event: TextEvent, isNew: boolean) => {
    const own = client !== null && event.client === client && event.isOwn;
    let index = 0;
    backOf(event, (name, back) => {
      const text = wanted.get(name);
      if (!text) return;
      if (isNew) text.back.splice(index++, 0, back);
      else text.back.push(back);
      text.own ||= own;
      text.edited ||= !own && "changes" in back;
    });
  };
  return {
    step(work) {
      for (const event of document.texts.backward(at)) {
        if (event.seq <= base) return true;
        if (event.seq >= at) continue;
        at = event.seq;
        meet(event, false);
        work.add(MET);
      }
      at = Math.min(at, document.texts.from + 1);
      if (at - 1 <= base) return true;
      for (const commit of document.log.backward(at)) {
        const read = textEventsOf(commit);
        work.add(read.work);
        for (const event of read.events.toReversed()) if (event.seq < at && event.seq > base) meet(event, false);
        at = commit.first;
        if (at - 1 <= base) return true;
        if (work.full()) return false;
      }
      return true;
    },
    seen(id, attr) {
      const text = wanted.get(nameOf(id, attr));
      if (!text) return undefined;
      for (const event of document.texts.after(newest)) meet(event, true);
      newest = Math.max(newest, document.texts.latest);
      if (!text.edited || text.own) return undefined;
      const now = document.nodes.get(id)?.attrs[attr];
      let seen: Json | undefined = now;
      for (const back of text.back) {
        if ("value" in back) seen = back.value;
        else seen = applyChanges(typeof seen === "string" ? seen : "", back.changes);
      }
      return typeof seen === "string" ? seen : undefined;
    },
  };
}

function nameOf(id: NodeId, attr: string): string {
  return `${id} ${attr}`;
}

/** To take up an event that is in memory, in the unit of `Meter`. */
const MET = 128;
