import { createUndo, type OpenOptions, openDocument, type TreeDocument, type Undo } from "../../src/client/index.ts";
import type { Principal } from "../../src/protocol/index.ts";
import { createTestServer, type Machine, type TestServer, type TestServerOptions } from "../../src/testing/index.ts";
import type { NodeData } from "../../src/tree/index.ts";

/** Somebody with a machine, and a document open on it. */
export interface Person {
  readonly machine: Machine;
  readonly doc: TreeDocument;
  readonly undo: Undo;
  /** What the document said, by event. */
  readonly heard: { readonly rejected: string[]; readonly errors: unknown[]; readonly sources: string[] };
}

export interface Scene {
  readonly server: TestServer;
  /** Opens the document `plan`, on a machine of its own unless one is given. */
  open(options?: OpenOptions & { readonly machine?: Machine; readonly principal?: Principal }): Person;
  settle(): Promise<void>;
  /** The tree as the object has it. */
  truth(): NodeData;
}

export const LIST: NodeData = {
  id: "root",
  type: "list",
  children: [
    { id: "a", type: "item", attrs: { text: "a" } },
    { id: "b", type: "item", attrs: { text: "b" } },
  ],
};

/** With nodes inside others. */
export const DEEP: NodeData = {
  id: "root",
  type: "list",
  children: [
    {
      id: "a",
      type: "item",
      attrs: { text: "a", n: 1 },
      children: [
        { id: "b", type: "item", children: [{ id: "c", type: "item" }] },
        { id: "d", type: "item" },
      ],
    },
    { id: "z", type: "item" },
  ],
};

export function createScene({
  tree = LIST,
  ...options
}: TestServerOptions & { readonly tree?: NodeData | null } = {}): Scene {
  const server = createTestServer(options);
  if (tree) server.call("plan").getOrStart({ tree });
  return {
    server,
    open({ principal, machine = server.machine(principal && { principal }), ...more } = {}) {
      const doc = openDocument(server.url("plan"), { platform: machine, ...more });
      const heard: Person["heard"] = { rejected: [], errors: [], sources: [] };
      doc.on("rejected", (error) => void heard.rejected.push(error.problem.code));
      doc.on("error", (error) => void heard.errors.push(error));
      doc.on("change", ({ source }) => void heard.sources.push(source));
      return { machine, doc, undo: createUndo(doc), heard };
    },
    settle: () => server.settle(),
    truth() {
      const state = server.call("plan").getState();
      if (!state.ok) throw new Error(state.problem.message);
      return state.value.tree;
    },
  };
}

export const text = (doc: TreeDocument, id: string) => doc.get(id)?.attrs.text;

export function write(doc: TreeDocument, id: string, value: string) {
  return doc.mutate((tx) => tx.update(id, { attrs: { text: value } }));
}
