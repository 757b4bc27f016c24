import { once } from "node:events";
import { readFileSync } from "node:fs";
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

/** What a process has taken of its processors so far, in seconds: others may use the machine as well. Linux alone says it. */
export function processorOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Of a second, wherever Linux runs. */
const TICKS = 100;
