import { once } from "node:events";
import { request } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** What one export gives is sent to an import as it comes. */
export async function exportInto(from: string, to: string): Promise<void> {
  const response = await fetch(`${from}/export`);
  if (!response.ok || !response.body) throw new Error(`GET ${from}/export: ${response.status}`);
  const sending = request(`${to}/import`, { method: "POST" });
  const answered = once(sending, "response");
  await pipeline(Readable.from(response.body), sending);
  const [answer] = await answered;
  let text = "";
  for await (const chunk of answer) text += chunk;
  if (answer.statusCode !== 201) throw new Error(`POST ${to}/import: ${answer.statusCode} ${text}`);
}
