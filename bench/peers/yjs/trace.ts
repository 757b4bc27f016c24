import { gzipSync } from "node:zlib";
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateAsUpdateV2, type Map as YMap, Text as YText } from "yjs";
import type { TextTrace } from "../../../test/support/text-traces.ts";
import { cpuOf } from "../../text/cpu.ts";
import type { TextPeer } from "../../text/peer.ts";
import { ROWS, TEXT } from "./text.ts";

/** Real typing as one Y.Text. */
export const peer: TextPeer = {
  smallestFile(trace) {
    const doc = new Doc();
    for (const update of updatesOf(trace)) applyUpdate(doc, update);
    if (doc.getText(TEXT).toString() !== trace.endContent) throw new Error("Yjs ends with another text");
    return Math.min(
      ...[encodeStateAsUpdate(doc), encodeStateAsUpdateV2(doc)].map((file) => gzipSync(file, { level: 9 }).length),
    );
  },
  integrate(trace) {
    const updates = updatesOf(trace);
    const doc = new Doc();
    const text = doc.getText(TEXT);
    let sent = 0;
    doc.on("update", (update: Uint8Array) => {
      sent += update.length;
    });
    const microseconds = cpuOf(() => {
      for (const update of updates) applyUpdate(doc, update);
    });
    if (sent === 0 || text.toString() !== trace.endContent) throw new Error("Yjs ends with another text");
    return microseconds / updates.length;
  },
  load(rows) {
    const filled = new Doc();
    const map: YMap<YText> = filled.getMap(ROWS);
    filled.transact(() => {
      for (const { id, text } of rows) map.set(id, new YText(text));
    });
    const file = encodeStateAsUpdate(filled);
    return () => {
      const doc = new Doc();
      applyUpdate(doc, file);
      return doc;
    };
  },
};

/** What each author sends, an update a transaction, made in a document that has seen what its author had. */
function updatesOf({ authors, transactions }: TextTrace): Uint8Array[] {
  const updates: Uint8Array[] = [];
  const crew = Array.from({ length: authors }, () => {
    const doc = new Doc();
    return { doc, text: doc.getText(TEXT), heard: 0 };
  });
  for (const [index, { author, seen, patches }] of transactions.entries()) {
    const who = crew[author];
    if (!who) throw new Error(`there is no author ${author}`);
    for (; who.heard <= seen; who.heard++) {
      const update = updates[who.heard];
      if (update && transactions[who.heard]?.author !== author) applyUpdate(who.doc, update);
    }
    const take = (update: Uint8Array) => {
      updates[index] = update;
    };
    who.doc.once("update", take);
    who.doc.transact(() => {
      for (const [at, deleted, inserted] of patches) {
        if (deleted > 0) who.text.delete(at, deleted);
        if (inserted !== "") who.text.insert(at, inserted);
      }
    });
    who.doc.off("update", take);
    updates[index] ??= Uint8Array.of(0, 0);
  }
  return updates;
}
