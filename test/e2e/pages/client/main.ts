import { indexedDb, openDocument, synced, type TreeDocument } from "../../../../src/client/index.ts";

// The document that the address names, for a test to use from outside: `?document=ID`, and `&persist` to keep it.

export interface Stage {
  readonly doc: TreeDocument;
  insert(id: string): void;
  /** Inserts nodes `PREFIX0`, `PREFIX1`…, each in a mutation of its own, at most so many a task. */
  insertMany(prefix: string, count: number, slice: number): Promise<void>;
  allSent(): Promise<void>;
  /** All that this page has heard of what went wrong. */
  readonly problems: readonly string[];
}

const { searchParams } = new URL(location.href);
const doc = openDocument(`/documents/${searchParams.get("document")}`, {
  persist: searchParams.has("persist") ? indexedDb() : undefined,
});
const problems: string[] = [];
doc.on("rejected", ({ message }) => void problems.push(`rejected: ${message}`));
doc.on("status", ({ state, reason }) => {
  if (state === "closed") problems.push(`closed: ${reason?.code}`);
});

/** Goes on in another task: timers are held back in pages that use many. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve();
    port2.postMessage(null);
  });
}

const stage: Stage = {
  allSent: () => synced(doc),
  doc,
  insert: (id) => void doc.mutate((tx) => tx.insert({ id, type: "item" }, { parent: "root" })),
  async insertMany(prefix, count, slice) {
    for (let index = 0; index < count; index++) {
      if (index % slice === 0) await nextTask();
      stage.insert(`${prefix}${index}`);
    }
  },
  problems,
};

declare global {
  interface Window {
    stage: Stage;
  }
}
window.stage = stage;
