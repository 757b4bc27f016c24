import * as v from "valibot";
import { LIMITS } from "../../src/protocol/index.ts";
import { type Answer, call, read } from "./http.ts";

/** A document over HTTP. */
export interface Server {
  /** The URL of its WebSocket. */
  readonly socketUrl: string;
  remove(): Promise<void>;
  /** Creates the document with an empty folder as root if it is not there; returns the root's id. */
  open(name: string): Promise<string>;
  seq(): Promise<number>;
  /** A node and all below it as nested data. */
  tree(id: string): Promise<unknown>;
  /** A page of the history after a seq. */
  history(after: number, limit?: number): Promise<HistoryPage>;
}

export type HistoryPage = v.InferOutput<typeof historyPage>;

const NOT_FOUND = 404;
const TOO_LARGE = 413;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const anything = v.unknown();
const info = v.object({ seq: count });
const node = v.looseObject({
  id: v.string(),
  truncated: v.optional(v.boolean()),
  children: v.optional(v.array(v.looseObject({ id: v.string(), truncated: v.optional(v.boolean()) }))),
});
const treeAnswer = v.object({ tree: v.unknown() });
const nodeAnswer = v.object({ tree: node });
const historyPage = v.object({
  entries: v.array(v.object({ seq: count, meta: v.optional(v.unknown()) })),
  more: v.boolean(),
});

export function openServer(base: string, document: string, patienceMs: number): Server {
  const url = `${base}/documents/${document}`;
  const get = (path: string): Promise<Answer> => call("GET", url + path, patienceMs);

  /** One answer has a limit. A tree beyond it is read in parts, each as large as the limit allows. */
  async function tree(id: string): Promise<unknown> {
    const path = `/tree?node=${encodeURIComponent(id)}`;
    const whole = await get(path);
    if (whole.status !== TOO_LARGE) return read(whole, treeAnswer).tree;
    const { tree: top } = read(await get(`${path}&depth=1`), nodeAnswer);
    const children: unknown[] = [];
    for (const child of top.children ?? []) children.push(child.truncated ? await tree(child.id) : child);
    return { ...top, children };
  }

  return {
    socketUrl: url.replace(/^http/, "ws"),
    async remove() {
      const answer = await call("DELETE", url, patienceMs);
      if (answer.status >= 400 && answer.status !== NOT_FOUND) read(answer, anything);
    },
    async open(name) {
      const empty = { id: "root", type: "folder", attrs: { name } };
      read(await call("PUT", url, patienceMs, { tree: empty }), anything);
      return read(await get("/tree?depth=0"), nodeAnswer).tree.id;
    },
    seq: async () => read(await get(""), info).seq,
    tree,
    history: async (after, limit = LIMITS.historyPage) =>
      read(await get(`/history?after=${after}&limit=${limit}`), historyPage),
  };
}
