import {
  chain,
  decodeFork,
  type ForkCall,
  type ForkInput,
  failure,
  LIMITS,
  momentInput,
  type Result,
  readBody,
} from "../protocol/index.ts";
import { readText } from "./body.ts";

/** What is asked for: the body of `POST /documents/:id/fork`. It names the document that somebody has to be admitted to. */
export async function readForkRequest(request: Request): Promise<Result<ForkCall>> {
  const text = await readText(request, LIMITS.forkRequestBytes);
  if (text === null) return failure("tooLarge", `a request for a fork has at most ${LIMITS.forkRequestBytes} bytes`);
  return chain(readBody(text), decodeFork);
}

/** The same for the object, which decodes what comes from wherever. */
export function forkInput({ to, at, history }: ForkCall): ForkInput {
  return { to, history, ...(at && { at: momentInput(at) }) };
}
