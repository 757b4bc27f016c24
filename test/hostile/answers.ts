import { CLOSES, ERRORS, isPlainObject, parseJson } from "../../src/protocol/index.ts";

/** What is wrong with what a server has answered over HTTP; null: nothing. */
export function problemOfAnswer(text: string): string | null {
  const head = /^HTTP\/1\.1 (\d+) /.exec(text);
  if (!head) return "it is no HTTP";
  const status = Number(head[1]);
  const [headers = "", ...rest] = text.split("\r\n\r\n");
  const body = rest.join("\r\n\r\n");
  // What workerd does not even hand to the Worker.
  const isOurs = /^content-type: application\/problem\+json/im.test(headers);
  if (status < 400 || (!isOurs && /^(ERROR: |invalid [\w -]+$|Bad Request$|$)/.test(body)) || status === 501)
    return null;
  if (status === 500) return "something threw";
  if (!isOurs) return `${status} is no problem+json`;
  if (body === "") return null;
  const parsed = parseJson(unchunked(body, headers), "invalid");
  if (!parsed.ok || !isPlainObject(parsed.value)) return `${status} with a body that is no problem`;
  const { code } = parsed.value;
  const kind = Object.entries(ERRORS).find(([known]) => known === code)?.[1];
  return kind?.status === status && parsed.value.status === status ? null : `${status} with another code`;
}

function unchunked(body: string, headers: string): string {
  return /^transfer-encoding: chunked/im.test(headers) ? body.replaceAll(/^[0-9a-f]+\r\n|\r\n/gim, "") : body;
}

/** The numbers that a connection may be closed with: ours, a peaceful end, and those of the WebSocket protocol itself for bad frames. */
export const MAY_CLOSE: ReadonlySet<number> = new Set([...Object.values(CLOSES), 1000, 1002, 1005, 1007, 1009]);
