import { once } from "node:events";
import { request } from "node:http";

/** What came for a request, of which nothing is kept but the size. */
export interface Outcome {
  /** From asking to the last byte. */
  readonly milliseconds: number;
  readonly bytes: number;
  /** The code of a problem. */
  readonly refused: string | null;
}

/** Asks and reads everything. Not with `fetch`, whose streams would take a good part of the time that is measured. */
export async function ask(url: string, method = "GET", body?: string): Promise<Outcome> {
  const start = performance.now();
  const asking = request(url, { method, agent: false });
  const answered = once(asking, "response");
  asking.end(body);
  const [response] = await answered;
  let bytes = 0;
  let problem = "";
  for await (const chunk of response) {
    bytes += chunk.length;
    if (response.statusCode >= 400) problem += chunk;
  }
  return { milliseconds: performance.now() - start, bytes, refused: problem === "" ? null : codeOf(problem) };
}

function codeOf(problem: string): string {
  const { code }: { code: string } = JSON.parse(problem);
  return code;
}
