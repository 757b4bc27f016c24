import { setTimeout } from "node:timers/promises";
import { decodeClientMessage, decodeMutationCall, parseJson, type TreeEvent } from "../../src/protocol/index.ts";
import { historyOf, treeOf } from "../e2e/http.ts";
import type { Frame } from "./frames.ts";
import { tokenOf } from "./tokens.ts";

/** Where honest people work: nobody else may change anything there. */
export const GUARDED = "guarded";
/** Where all may write who attack, and nothing but that. */
export const ARENA = "arena";
/** Where they may do everything. */
export const RUINS = ["ruin-0", "ruin-1", "ruin-2"] as const;

const TREE = {
  id: "root",
  type: "page",
  children: ["a", "b", "c", "d"].map((id) => ({ id, type: "item", attrs: { y: 1, text: "hello 💥" } })),
};

const keeper = (document: string) => tokenOf("keeper", document, "admin");

/** Makes them; the answers say what they are. */
export async function makeDocuments(url: string): Promise<void> {
  for (const document of [GUARDED, ARENA, ...RUINS]) await describe(url, document, "PUT");
}

interface Description {
  readonly incarnation: string;
  readonly createdAt: number;
  readonly seq: number;
  readonly options: object;
}

export async function describe(url: string, document: string, method = "GET"): Promise<Description> {
  const headers = { authorization: `Bearer ${keeper(document)}` };
  const body = method === "PUT" ? JSON.stringify({ tree: TREE }) : null;
  const response = await fetch(`${url}/documents/${document}`, { method, headers, body });
  if (!response.ok) throw new Error(`${method} ${document}: ${response.status} ${await response.text()}`);
  const described: Description = JSON.parse(await response.text());
  return described;
}

export const eventsOf = (url: string, document: string): Promise<readonly TreeEvent[]> =>
  historyOf(url, document, keeper(document));
export const outlineOf = (url: string, document: string): Promise<string> => treeOf(url, document, keeper(document));

/** All of a document, at a moment in which nothing of what was sent is still under way: who hangs up does not hear when it is done. */
export async function readAtRest(
  url: string,
  document: string,
): Promise<{ readonly seq: number; readonly events: readonly TreeEvent[]; readonly outline: string }> {
  for (;;) {
    const { seq } = await describe(url, document);
    const [events, outline] = [await eventsOf(url, document), await outlineOf(url, document)];
    await setTimeout(REST);
    if ((await describe(url, document)).seq === seq) return { seq, events, outline };
  }
}

/** Milliseconds in which what was sent is done. */
const REST = 500;

/** The mutations that somebody has sent and that can be understood: what may have changed a document where he may write. */
export interface Sent {
  frame(client: string, frame: Frame): void;
  body(text: string): void;
  /** Whether an event comes of one of them. */
  has(event: TreeEvent): boolean;
}

export function createSent(): Sent {
  const known = new Set<string>();
  const add = (client: string | null, mutation: number | null) => void known.add(`${client} ${mutation}`);
  return {
    frame(client, { bytes }) {
      const decoded = decodeClientMessage(bytes.toString());
      if (!decoded.ok || decoded.value.type !== "mutate") return;
      for (const { mutation, problem } of decoded.value.mutations) if (!problem) add(client, mutation);
    },
    body(text) {
      const parsed = parseJson(text, "invalid");
      const call = parsed.ok ? decodeMutationCall(parsed.value) : parsed;
      if (call.ok) add(call.value.client ?? null, call.value.mutation ?? null);
    },
    has: ({ client, mutation }) => known.has(`${client} ${mutation}`),
  };
}
