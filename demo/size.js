// A frame above 1 MiB would end the connection for good, and what waits with it: docs/protocol.md, 16.
const LONGEST_TEXT = 100_000;
const LARGEST_CHANGE = 1_000_000;

/** Why a change is not to be sent, or nothing. */
export function refusal(operations) {
  const values = operations.flatMap(({ attrs, node }) => Object.values(attrs ?? node?.attrs ?? {}));
  if (values.some((text) => text.length > LONGEST_TEXT)) {
    return "A row takes at most 100 000 characters. This one was left as it was.";
  }
  const bytes = new TextEncoder().encode(JSON.stringify(operations)).length;
  return bytes > LARGEST_CHANGE ? "That is too much at once, nothing was changed. Paste it in parts." : undefined;
}
