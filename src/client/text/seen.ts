import { type Bridge, keyOf, nodesOf, type Step } from "../../text/index.ts";
import type { TextSight } from "../../tree/index.ts";
import type { Pending } from "../pending.ts";
import type { Step as Made } from "../step.ts";

/** The texts that an author saw and replaced whole, by what that came to. */
const replaced = new WeakMap<readonly Step[], ReadonlyMap<string, string>>();

/** Notes what a mutation that was just made has replaced: later that is not known any more. */
export function noteReplaced(asked: readonly Step[], { inverse }: Made): void {
  const texts = new Map<string, string>();
  // The newest is first, and what was there before all of it counts.
  for (const each of inverse) {
    if (each.op !== "update" || each.marks) continue;
    for (const [attr, old] of Object.entries(each.attrs ?? {}))
      if (typeof old === "string") texts.set(keyOf(each.id, attr), old);
    for (const attr of each.unset ?? []) texts.set(keyOf(each.id, attr), "");
  }
  if (texts.size > 0) replaced.set(asked, texts);
}

/** The same was replaced by what is asked for now. */
export function passReplaced(asked: readonly Step[], now: readonly Step[]): void {
  const texts = replaced.get(asked);
  if (texts) replaced.set(now, texts);
}

/** What the author of a pending mutation has not seen. */
export function sightOf({ asked }: Pending, ahead: Bridge): TextSight {
  const texts = asked && replaced.get(asked);
  if (!texts) return ahead;
  return {
    get size() {
      return ahead.size;
    },
    lengthOf: ahead.lengthOf,
    take: ahead.take,
    seen(id, attr) {
      const isTouched = ahead.steps.some((step) => step.attr === attr && nodesOf(step).includes(id));
      return isTouched ? texts.get(keyOf(id, attr)) : undefined;
    },
  };
}
