import { failure, LIMITS, type Result } from "../protocol/index.ts";
import type { Export } from "../session.ts";

// Streams. Nothing here ever holds more than what was just received, or is about to be sent.

/** What is read of a body that nobody wants, in bytes. */
const DRAINED = 64 * 1024 * 1024;

/**
 * Reads what is left of a body. Who answers while the client is still sending has the connection reset, and the client
 * never sees the answer (curl, workerd 1.20261023).
 */
export async function drain(body: ReadableStream<Uint8Array>): Promise<void> {
  try {
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.byteLength;
      if (bytes > DRAINED) return;
    }
  } catch (error) {
    console.debug("the rest of a body did not come", error);
  }
}

/** Hands the lines of a stream to `take`, some at a time, until it finds a problem; that is the answer, or null. */
export async function eachLine(
  body: ReadableStream<Uint8Array>,
  take: (lines: readonly string[]) => Result<null>,
): Promise<Result<never> | null> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let rest = "";
  // What follows a problem is left to `drain`.
  for await (const chunk of body.values({ preventCancel: true })) {
    const text = decode(decoder, chunk);
    if (text === null) return NOT_UTF8;
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    // A line without end must not be gathered until there is no memory left; `take` says what is wrong with it.
    const taken = take(rest.length > LIMITS.lineLength ? [...lines, rest] : lines);
    if (!taken.ok) return taken;
  }
  // What stands half at the end is no character.
  const end = decode(decoder);
  if (end === null) return NOT_UTF8;
  const taken = take([rest + end]);
  return taken.ok ? null : taken;
}

const NOT_UTF8 = failure("invalid", "the body is not UTF-8");

/** The text of the next bytes, or of the last ones. */
function decode(decoder: TextDecoder, chunk?: Uint8Array): string | null {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** An export as a stream, read as fast as its reader takes it. It breaks off with an error where the export does. */
export function exportStream(parts: Export): ReadableStream<Uint8Array> {
  const next = () => {
    const part = released(parts);
    if (part === null) parts.release();
    return part;
  };
  return pulled(next, parts.release);
}

/** Text in parts as a stream. */
export function textStream(parts: readonly string[]): ReadableStream<Uint8Array> {
  const left = parts.values();
  return pulled(
    () => left.next().value ?? null,
    () => {},
  );
}

function pulled(next: () => string | null, cancel: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let isCancelled = false;
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      // As long as its reader keeps up, one pull follows another before any message of others is handled (export of 1 000 000
      // nodes: 0.5 s at a time, 2026-11-27).
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (isCancelled) return;
      const part = next();
      if (part === null) controller.close();
      else controller.enqueue(encoder.encode(part));
    },
    cancel() {
      isCancelled = true;
      cancel();
    },
  });
}

/** The next part; an export that fails is over. */
function released(parts: Export): string | null {
  try {
    return parts.next(Date.now());
  } catch (error) {
    parts.release();
    throw error;
  }
}
