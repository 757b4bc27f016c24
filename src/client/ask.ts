import type { Token } from "./link.ts";
import type { Answer, Platform } from "./platform.ts";

/** How a client asks for what is not part of the conversation, over HTTP. Rejects when there is no answer. */
export type Ask = (method: "GET" | "POST", path: string, query: string, body?: string) => Promise<Answer>;

export function createAsk(platform: Platform, url: string, token: () => Token | undefined): Ask {
  const [address = "", own = ""] = url.replace(/^ws/, "http").split("?");
  return async (method, path, query, body) => {
    const source = token();
    const known = typeof source === "function" ? await source() : source;
    return platform.request(method, `${address}${path}?${own}&${query}`, { token: known, body });
  };
}
