import type { Problem, ServerMessage, TreeEvent } from "../../../src/protocol/index.ts";
import type { Receipts } from "../../../src/tree/index.ts";

// What scenarios state, as short texts: what does not differ from one performance to the next, and nothing else.

/**
 * What an author was told of a mutation: `3`, `3 rescued=n,m`, `unchanged at 2`, `no: exists @0`, `no: cycle @1 by bob at
 * 2`.
 */
export function answerText(answer: TreeEvent | Extract<ServerMessage, { type: "reject" | "unchanged" }>): string {
  if (!("type" in answer)) return acceptanceText(answer);
  return answer.type === "unchanged" ? `unchanged at ${answer.seq}` : refusalText(answer);
}

export function acceptanceText(event: Receipts & { readonly seq: number }): string {
  return `${event.seq}${receiptsText(event)}`;
}

export function refusalText({ code, op, client, seq }: Pick<Problem, "code" | "op" | "client" | "seq">): string {
  const where = op === undefined ? "" : ` @${op}`;
  const winner = seq === undefined ? "" : ` by ${client ?? "nobody"} at ${seq}`;
  return `no: ${code}${where}${winner}`;
}

/** Who an event of the history is by, and its receipts: `ann#2`, `http`, `c1#1 (eve) redirected=n`. */
export function eventText(event: TreeEvent): string {
  const { client, mutation, userId, meta } = event;
  const author = client === null ? "http" : `${client}#${mutation}`;
  const user = userId === null ? "" : ` (${userId})`;
  return `${author}${user}${receiptsText(event)}${meta ? ` ${JSON.stringify(meta)}` : ""}`;
}

function receiptsText({ redirected, rescued, removed }: Receipts): string {
  const texts = Object.entries({ redirected, rescued, removed }).map(([name, ids]) =>
    ids ? ` ${name}=${ids.join(",")}` : "",
  );
  return texts.join("");
}

/** An outline that can be stated: long runs of one character are cut. */
export function short(outline: string): string {
  return outline.replaceAll(/(\S)\1{99,}/gu, "$1…");
}
