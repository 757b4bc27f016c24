import type { HistoryEntry, Problem } from "../protocol/index.ts";
import type { Token } from "./link.ts";
import { textOf } from "./outbox.ts";
import type { Platform } from "./platform.ts";
import type { Pending } from "./replica.ts";

/** What a client asks for beside its connection. Both reject when there is no answer. */
export interface Http {
  /** The events after one seq, up to another, with what undoes them; as far as they are still kept. */
  history(after: number, until: number): Promise<HistoryEntry[]>;
  /** Sends a mutation in the name of its client; the seq that it has, or why it was refused. */
  mutate(pending: Pending): Promise<{ readonly seq: number } | { readonly problem: Problem }>;
}

export function createHttp(platform: Platform, url: string, token: () => Token | undefined): Http {
  const [address = "", query = ""] = url.replace(/^ws/, "http").split("?");
  const ask = async (method: "GET" | "POST", path: string, more: string, body?: string) => {
    const source = token();
    const known = typeof source === "function" ? await source() : source;
    return platform.request(method, `${address}${path}?${query}&${more}`, { token: known, body });
  };
  return {
    async history(after, until) {
      const entries: HistoryEntry[] = [];
      let more = after < until;
      for (let next = after; more; ) {
        const { status, text } = await ask("GET", "/history", `after=${next}&limit=1000`);
        if (status !== 200) throw new Error(`the history could not be read: ${status} ${text}`);
        const page: { entries: HistoryEntry[]; more: boolean; next: number } = JSON.parse(text);
        entries.push(...page.entries);
        more = page.more && page.next < until;
        next = page.next;
      }
      return entries.filter(({ seq }) => seq <= until);
    },
    async mutate(pending) {
      const body = `{"client":${JSON.stringify(pending.client)},${textOf(pending).slice(1)}`;
      const { status, text } = await ask("POST", "/mutations", "", body);
      if (status >= 500) throw new Error(`the document could not be reached: ${status}`);
      if (status === 200) {
        const answer: { seq: number } = JSON.parse(text);
        return answer;
      }
      const { code, detail }: Problem & { detail: string } = JSON.parse(text);
      return { problem: { code, message: detail } };
    },
  };
}
