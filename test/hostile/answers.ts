import { CLOSES, ERRORS, isPlainObject, parseJson } from "../../src/protocol/index.ts";

/** What is wrong with what a server has answered over HTTP, one or several times; null: nothing. */
export function problemOfAnswers(text: string): string | null {
  for (let rest = text; rest !== ""; ) {
    const head = /^HTTP\/1\.1 (\d+) .*?\r\n\r\n/s.exec(rest);
    if (!head) return "it is no HTTP";
    const [headers, status] = head;
    const from = headers.length;
    const length = /^content-length: (\d+)/im.exec(headers)?.[1];
    const to = length === undefined ? rest.length : from + Number(length);
    const problem = problemOf(Number(status), headers, rest.slice(from, to));
    if (problem !== null) return problem;
    rest = rest.slice(to);
  }
  return null;
}

function problemOf(status: number, headers: string, body: string): string | null {
  const isOurs = /^content-type: application\/problem\+json/im.test(headers);
  // What workerd does not even hand to the Worker.
  const isBefore = !isOurs && /^(ERROR: |invalid [\w -]+$|Bad Request$|$)/.test(body);
  if (status < 400 || status === 501 || isBefore) return null;
  if (status === 500) return "something threw";
  if (!isOurs) return `${status} is no problem+json`;
  // That of a HEAD.
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
