import type { HistoryEntry } from "../../src/protocol/index.ts";
import { fromData, type NodeData } from "../../src/tree/index.ts";
import { outline } from "../tree/outline.ts";

async function get<T>(url: string, token?: string): Promise<T> {
  const response = await fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  const body: T = JSON.parse(await response.text());
  return body;
}

/** Every event of a document, page by page. */
export async function historyOf(base: string, document: string, token?: string): Promise<HistoryEntry[]> {
  const all: HistoryEntry[] = [];
  for (let after = 0; ; ) {
    const url = `${base}/documents/${document}/history?after=${after}&limit=500`;
    const page = await get<{ entries: HistoryEntry[]; more: boolean; next: number }>(url, token);
    all.push(...page.entries);
    if (!page.more) return all;
    after = page.next;
  }
}

export async function treeOf(base: string, document: string, token?: string): Promise<string> {
  return outline(fromData(await dataOf(base, document, token), () => "no-id"));
}

export async function dataOf(base: string, document: string, token?: string): Promise<NodeData> {
  const { tree } = await get<{ tree: NodeData }>(`${base}/documents/${document}/tree`, token);
  return tree;
}

export async function seqOf(base: string, document: string): Promise<number> {
  return (await get<{ seq: number }>(`${base}/documents/${document}`)).seq;
}

/** Makes the document write its checkpoint and close everyone. */
export async function stop(base: string, document: string): Promise<void> {
  const response = await fetch(`${base}/documents/${document}/stop`, { method: "POST" });
  if (!response.ok) throw new Error(`stop: ${response.status} ${await response.text()}`);
}
