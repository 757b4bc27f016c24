import type { Operation } from "../../../src/tree/index.ts";
import { heldOf } from "../../large/client.ts";
import { openAuthor } from "../author.ts";
import { describe } from "../documents.ts";
import { ask } from "../requests.ts";
import type { Standing } from "../sides.ts";

export const DOCUMENT = "waits";

/** Who does what others wait for. Everything gives the code of a no, or null. */
export interface Actor {
  /** Of the document as it was imported. */
  readonly nodes: number;
  /** No other one is called so. */
  readonly name: string;
  edit(ops: readonly Operation[], expected?: Expected): Promise<string | null>;
  read(path: string): Promise<string | null>;
  post(path: string, body: unknown): Promise<string | null>;
  /** All pages of the history that this filter leaves. */
  history(filter: string): Promise<string | null>;
  seq(): Promise<number>;
  close(): Promise<void>;
}

interface Expected {
  /** What its author had seen. */
  readonly base?: number;
  /** Without this one in the answer something else was measured than was meant. */
  readonly receipt?: "redirected" | "rescued";
}

let actors = 0;

export async function openActor({ side, served }: Standing, nodes: number): Promise<Actor> {
  const url = `${served.url}/documents/${DOCUMENT}`;
  const address = { url: served.socketUrl, document: DOCUMENT };
  const name = `actor-${++actors}`;
  const author = await openAuthor(side.protocol, address, name, { ...(await heldOf(url)) });
  return {
    nodes,
    name,
    async edit(ops, { base, receipt } = {}) {
      const { refused, frame } = await author.mutate(ops, base);
      if (receipt !== undefined && refused === null && !frame.includes(`"${receipt}":["`)) {
        throw new Error(`nothing was ${receipt}`);
      }
      return refused;
    },
    read: async (path) => (await ask(url + path)).refused,
    post: async (path, body) => (await ask(url + path, "POST", JSON.stringify(body))).refused,
    async history(filter) {
      for (let after = 0; ; ) {
        const response = await fetch(`${url}/history?after=${after}&${filter}`);
        const text = await response.text();
        const page: { code?: string; more: boolean; next: number } = JSON.parse(text);
        if (page.code !== undefined) return page.code;
        if (!page.more) return null;
        after = page.next;
      }
    },
    seq: async () => (await describe(url)).seq,
    close: () => author.close(),
  };
}
