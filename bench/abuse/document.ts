import type { Line } from "../before/documents.ts";
import { call, upload } from "../large/client.ts";
import { PEOPLE, PLACE } from "./kinds.ts";

/** Makes the document that is fought about. Its checkpoints come early enough to be seen. */
export async function makeDocument(
  url: string,
  lines: Iterable<Line>,
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  await upload(`${url}/import`, textsOf(lines));
  await call(url, "PATCH", { options: { snapshotInterval: SNAPSHOT_INTERVAL } });
  if (Object.keys(options).length > 0) await fetch(url, { method: "PATCH", body: JSON.stringify({ options }) });
}

/** The shortest that anybody will be able to ask for. Milliseconds. */
const SNAPSHOT_INTERVAL = 5_000;

function* textsOf(lines: Iterable<Line>): Generator<string> {
  const top = { id: "root", type: "page" };
  yield JSON.stringify(top);
  for (const id of [PEOPLE, PLACE]) yield JSON.stringify({ id, parent: top.id, type: "page" });
  for (const line of lines) yield JSON.stringify({ parent: PLACE, ...line });
}

/** So many nodes below one, each with a text so long. */
export function* many(count: number, characters: number, parent = PLACE, name = "n"): Generator<Line> {
  const text = "x".repeat(characters);
  for (let index = 0; index < count; index++) {
    yield { id: `${name}${index}`, parent, type: "row", ...(characters > 0 && { attrs: { text } }) };
  }
}

/** About as large as a node may be. */
export const LARGE = 1_000_000;
