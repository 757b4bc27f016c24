import type { Address } from "./address.ts";
import type { Answer } from "./platform.ts";

/** Asks for what is not part of the conversation, over HTTP. Rejects when there is no answer. */
export async function ask(
  { platform, url, token }: Address,
  method: "GET" | "POST",
  path: string,
  query: string,
  body?: string,
): Promise<Answer> {
  const [address = "", own = ""] = url.replace(/^ws/, "http").split("?");
  const source = token();
  const known = typeof source === "function" ? await source() : source;
  return platform.request(method, `${address}${path}?${own}&${query}`, { token: known, body });
}
