import { failure, LIMITS, type Result } from "../protocol/index.ts";
import type { Export, Piece } from "../session.ts";
import { arriving } from "./arriving.ts";
import { pulled } from "./pulled.ts";

// Streams. Nothing here ever holds more than what was just received, or is about to be sent.

/**
 * Hands the lines of a stream to `take`, some at a time, until it finds a problem; that is the answer, or null. `longest` is how many
 * characters a line may have.
 */
export async function eachLine(
  body: ReadableStream<Uint8Array>,
  take: (lines: readonly string[]) => Result<null>,
  longest = () => LIMITS.lineLength,
): Promise<Result<never> | null> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let rest = "";
  const patience = { next: LIMITS.importTimeout, whole: Number.POSITIVE_INFINITY };
  // What follows a problem is left to `drain`.
  for await (const chunk of arriving(body, patience)) {
    const text = decode(decoder, chunk);
    if (text === null) return NOT_UTF8;
    // What has come before is not looked through again: a piece may be much shorter than a line.
    const [head = "", ...lines] = text.split("\n");
    rest += head;
    const last = lines.pop();
    if (last !== undefined) {
      lines.unshift(rest);
      rest = last;
    }
    // A line without end must not be gathered until there is no memory left; `take` says what is wrong with it.
    const taken = take(rest.length > longest() ? [...lines, rest] : lines);
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
export function exportStream(parts: Export<Piece>, bytesOf = plain): ReadableStream<Uint8Array> {
  const next = () => {
    const part = released(parts);
    if (part !== null) return bytesOf(part);
    parts.release();
    return null;
  };
  return pulled(next, parts.release).stream;
}

const ENCODER = new TextEncoder();

function plain(part: Piece): Uint8Array {
  return typeof part === "string" ? ENCODER.encode(part) : part;
}

/** The next part; an export that fails is over. */
function released(parts: Export<Piece>): Piece | null {
  try {
    return parts.next(Date.now());
  } catch (error) {
    parts.release();
    throw error;
  }
}
