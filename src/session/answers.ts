import { encode, type MutationAnswer, type Result, success, type TreeEvent } from "../protocol/index.ts";
import { isRejection, type KeptAnswer } from "../storage.ts";

/** An event as the answer to who made it. */
export function answerOf({
  seq,
  time,
  ops,
  ...event
}: Omit<TreeEvent, "client" | "mutation" | "userId">): MutationAnswer {
  const { redirected, rescued, removed, updated, skipped } = event;
  return {
    seq,
    time,
    ops,
    ...(redirected && { redirected }),
    ...(rescued && { rescued }),
    ...(removed && { removed }),
    ...(updated && { updated }),
    ...(skipped && { skipped }),
  };
}

/** The frame of an answer that is no event. */
export function answerFrame(answer: KeptAnswer): string {
  if (isRejection(answer)) return encode({ type: "reject", ...answer });
  const { time: _, ...told } = answer;
  return encode({ type: "unchanged", ...told });
}

/** The same for who asks over HTTP or RPC. */
export function resultOf({ mutation: _, ...answer }: KeptAnswer): Result<MutationAnswer> {
  if ("code" in answer) return { ok: false, problem: answer };
  const { seq, time, ...receipts } = answer;
  return success({ seq, time, ops: [], ...receipts });
}
