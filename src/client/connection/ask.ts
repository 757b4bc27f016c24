import type { Address } from "./address.ts";
import type { Answer, Method, Signal } from "./platform.ts";

/** Asks for what is not part of the conversation, over HTTP. Rejects when there is no answer. */
export async function ask(
  { platform, url, token }: Address,
  method: Method,
  path: string,
  query: string,
  body?: string,
  signal?: Signal,
): Promise<Answer> {
  const [address = "", own = ""] = url.replace(/^ws/, "http").split("?");
  const source = token();
  const known = typeof source === "function" ? await source() : source;
  return platform.request(method, `${address}${path}?${own}&${query}`, { token: known, body, signal });
}
