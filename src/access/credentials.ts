import { TOKEN_SUBPROTOCOL } from "../protocol/index.ts";

/**
 * The token that a request comes with: in the header `Authorization`, or, as a browser's WebSocket cannot set that, among its
 * subprotocols. Null: it comes with none. One in the URL would be in every log on its way, so nobody looks there.
 */
export function tokenOf({ headers }: Request): string | null {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  return bearer ?? offeredToken(headers);
}

/** What is left of the headers for the object: it knows who it is, and needs nobody's credentials. */
export function dropCredentials(headers: Headers): void {
  headers.delete("authorization");
  headers.delete("cookie");
  if (offeredToken(headers) === null) return;
  headers.set("sec-websocket-protocol", offered(headers).filter(isOther).join(", "));
}

function offeredToken(headers: Headers): string | null {
  return (
    offered(headers)
      .find((name) => !isOther(name))
      ?.slice(TOKEN_SUBPROTOCOL.length) ?? null
  );
}

const offered = (headers: Headers) =>
  (headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
const isOther = (name: string) => !name.startsWith(TOKEN_SUBPROTOCOL);
