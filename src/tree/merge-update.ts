import { difference } from "../text/index.ts";
import { performStep, standBehind } from "./decide-text.ts";
import type { Draft } from "./draft.ts";
import { isEmpty } from "./inverse.ts";
import type { Json } from "./node.ts";
import type { Update } from "./operations.ts";
import { textIn } from "./texts.ts";
import type { Refusal } from "./verdict.ts";

/**
 * A text that somebody replaces who has not seen how others have edited it is edited: the least that makes the one it saw the one it
 * wants, so that both survive (X40). What is left of the update is as ever.
 */
export function mergeUpdate(draft: Draft, operation: Update): Update | Refusal {
  const { store, context } = draft;
  const sight = context.texts?.sight;
  const { id, attrs } = operation;
  if (!sight || !attrs) return operation;
  const rest: Record<string, Json> = {};
  for (const [attr, value] of Object.entries(attrs)) {
    const now = textIn(store.get(id)?.attrs ?? {}, attr);
    if (typeof value !== "string" || now === null) {
      rest[attr] = value;
      continue;
    }
    const seen = sight.seen?.(id, attr);
    const changes = difference(seen ?? now, value);
    const whole = seen === undefined || undefined;
    const steps = sight.take({ op: "edit", id, attr, changes, ...(whole && { whole }) });
    if (whole) {
      rest[attr] = value;
      continue;
    }
    for (const step of steps) {
      const refusal = performStep(draft, step);
      if (refusal) return refusal;
    }
    if (changes.length > 0 && steps.length === 0) standBehind(draft, id, attr);
  }
  const { attrs: _, ...others } = operation;
  return isEmpty(rest) ? others : { ...others, attrs: rest };
}
