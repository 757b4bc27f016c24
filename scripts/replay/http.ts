import { setTimeout as sleep } from "node:timers/promises";
import type * as v from "valibot";
import { parse } from "../../src/protocol/index.ts";
import { CannotReplay } from "./commits.ts";
import { backoff, gaveUp, messageOf } from "./gate.ts";

export interface Answer {
  /** What was asked, for messages. */
  readonly request: string;
  readonly status: number;
  readonly body: string;
}

const TOO_MANY = 429;

/** The first contact, which waits for nobody: what answers nothing at all is not there. */
export async function knock(url: string, patienceMs: number): Promise<void> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(patienceMs) });
    await response.body?.cancel();
  } catch (error) {
    throw new CannotReplay(`no server answers on ${url}; is \`npm start\` running? (${messageOf(error)})`);
  }
}

/** A call that survives a server that is away for a while, or that asks for patience. */
export async function call(method: string, url: string, patienceMs: number, body?: unknown): Promise<Answer> {
  const request = `${method} ${url}`;
  const json = body !== undefined && {
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  const deadline = Date.now() + patienceMs;
  for (let attempt = 0; ; attempt++) {
    let trouble: string;
    try {
      const response = await fetch(url, { method, signal: AbortSignal.timeout(patienceMs), ...json });
      const answer = { request, status: response.status, body: await response.text() };
      if (answer.status < 500 && answer.status !== TOO_MANY) return answer;
      trouble = describe(answer);
    } catch (error) {
      trouble = messageOf(error);
    }
    if (Date.now() > deadline) throw new Error(`${request}: ${gaveUp(patienceMs, trouble)}`);
    await sleep(backoff(attempt));
  }
}

/** The answer's body; throws what the server said if it is a problem, or not what it should be. */
export function read<const S extends v.GenericSchema>(answer: Answer, schema: S): v.InferOutput<S> {
  if (answer.status >= 400) throw new Error(`${answer.request}: ${describe(answer)}`);
  const decoded = parse(schema, JSON.parse(answer.body), "invalid");
  if (!decoded.ok) throw new Error(`${answer.request}: ${decoded.problem.message}`);
  return decoded.value;
}

function describe({ status, body }: Answer): string {
  return `${status} ${body.slice(0, 300)}`.trim();
}
