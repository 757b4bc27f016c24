import { failure, LIMITS, type Result } from "../protocol/index.ts";
import type { Export, Piece } from "../session.ts";
import { arriving } from "./arriving.ts";
import { exportStream } from "./ndjson.ts";

// What goes from object to object: pieces of text and of bytes, each behind its kind and its length. Both ends are this code.

const TEXT = 1;
const BYTES = 2;
/** Its kind, and how many bytes it has. */
const HEAD = 5;

/** A copy as a stream, read as fast as its reader takes it. */
export function forkStream(parts: Export<Piece>): ReadableStream<Uint8Array> {
  return exportStream(parts, framed);
}

const ENCODER = new TextEncoder();

function framed(piece: Piece): Uint8Array {
  const bytes = typeof piece === "string" ? ENCODER.encode(piece) : piece;
  if (bytes.byteLength === 0) return bytes;
  const frame = new Uint8Array(HEAD + bytes.byteLength);
  const head = new DataView(frame.buffer);
  head.setUint8(0, typeof piece === "string" ? TEXT : BYTES);
  head.setUint32(1, bytes.byteLength);
  frame.set(bytes, HEAD);
  return frame;
}

/** Hands the pieces of such a stream to `take` until it finds a problem; that is the answer, or null. */
export async function eachPiece(
  body: ReadableStream<Uint8Array>,
  take: (piece: Piece) => Result<null>,
): Promise<Result<never> | null> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  /** The frame that is coming, as far as it has come. */
  let frame: Uint8Array = new Uint8Array(HEAD);
  let filled = 0;
  const patience = { next: LIMITS.importTimeout, whole: Number.POSITIVE_INFINITY };
  for await (const chunk of arriving(body, patience)) {
    for (let at = 0; at < chunk.byteLength; ) {
      const some = chunk.subarray(at, at + frame.byteLength - filled);
      frame.set(some, filled);
      filled += some.byteLength;
      at += some.byteLength;
      if (filled < frame.byteLength) break;
      const head = new DataView(frame.buffer);
      const kind = head.getUint8(0);
      const length = head.getUint32(1);
      if ((kind !== TEXT && kind !== BYTES) || length > LONGEST) return OTHER_CODE;
      if (frame.byteLength === HEAD) {
        const whole = new Uint8Array(HEAD + length);
        whole.set(frame);
        frame = whole;
        continue;
      }
      const bytes = frame.subarray(HEAD);
      const taken = take(kind === TEXT ? decoder.decode(bytes) : bytes);
      if (!taken.ok) return taken;
      frame = new Uint8Array(HEAD);
      filled = 0;
    }
  }
  return null;
}

/** More than any row takes. */
const LONGEST = 16 * 1024 * 1024;
const OTHER_CODE = failure("unavailable", "the other document runs other code; try again later");
