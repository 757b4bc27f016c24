import type { Address } from "../client/connection/address.ts";
import { ask } from "../client/connection/ask.ts";
import type { Answer, Method } from "../client/connection/platform.ts";
import { ProblemError } from "../client/index.ts";
import { queryText } from "./query.ts";

export interface AskOptions {
  /** Calls it off: what is asked for rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
}

/** Asks the server of a document. Rejects with a ProblemError, or with the reason of the signal. */
export type Ask = <Value>(
  method: Method,
  path: string,
  told: { readonly query?: object; readonly body?: object },
  options: AskOptions | undefined,
) => Promise<Value>;

export function createAsk(address: Address): Ask {
  return async (method, path, { query = {}, body }, { signal } = {}) => {
    signal?.throwIfAborted();
    const sent = body && JSON.stringify(body);
    const answer = await ask(address, method, path, queryText(query), sent, signal).catch((error: unknown) => {
      signal?.throwIfAborted();
      // A token's source may say why there is none.
      throw error instanceof ProblemError
        ? error
        : unavailable(`there is no answer: ${error instanceof Error ? error.message : error}`);
    });
    signal?.throwIfAborted();
    return read(answer);
  };
}

/** A body of the server is believed, as everywhere in the client; a gateway's is not one of it. */
function read({ status, text }: Answer) {
  const body = parsed(text);
  if (status < 300 && body !== undefined) return body;
  if (typeof body?.code !== "string") throw unavailable(`there is no answer of the document: HTTP ${status}`);
  const { title: _, status: __, code, detail, ...more } = body;
  throw new ProblemError({ code, message: detail, ...more });
}

/** Undefined where it is not JSON. */
function parsed(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unavailable(message: string): ProblemError {
  return new ProblemError({ code: "unavailable", message });
}
