import { noteLoss } from "./log.ts";

// What comes in, piece by piece. Nothing here ever waits without end, or holds more than what was just received.

/** How long what arrives is waited for. Milliseconds. */
export interface Patience {
  /** For the next piece. */
  readonly next: number;
  /** For all of it. */
  readonly whole: number;
}

/** A body that was not waited for any longer; it has been cancelled. */
export class TooLate extends Error {}

/** What is read of a body that nobody wants, in bytes, and for how long. */
const DRAINED = 64 * 1024 * 1024;
const DRAINED_FOR: Patience = { next: 5_000, whole: 30_000 };

/**
 * The pieces of a body as they come; throws TooLate where they do not. The body is left as it stands when its reader stops,
 * so that somebody else reads on. The timer surely ends, and a request that is under way keeps its object awake anyway.
 */
export async function* arriving(body: ReadableStream<Uint8Array>, patience: Patience): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  const began = Date.now();
  let heard = began;
  let late: TooLate | null = null;
  const left = () => Math.min(heard + patience.next, began + patience.whole) - Date.now();
  const look = () => {
    if (left() > 0) {
      timer = setTimeout(look, left());
      return;
    }
    late = new TooLate(`nothing came for ${patience.next} ms, or not all within ${patience.whole}`);
    reader.cancel(late).catch((error: unknown) => noteLoss("a body that is too late is gone already", error));
  };
  let timer = setTimeout(look, left());
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (late) throw late;
      if (done) return;
      heard = Date.now();
      yield value;
    }
  } catch (error) {
    // A read that waits is rejected by the cancel with what it was given, or without (workerd 1.20261023).
    throw late ?? error;
  } finally {
    clearTimeout(timer);
    reader.releaseLock();
  }
}

/** What comes within so many milliseconds; TooLate otherwise. */
export async function within<T>(milliseconds: number, coming: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new TooLate(`nothing came for ${milliseconds} ms`)), milliseconds);
  try {
    return await Promise.race([coming, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Reads what is left of a body. Who answers while the client is still sending has the connection reset, and the client
 * never sees the answer (curl, workerd 1.20261023).
 */
export async function drain(body: ReadableStream<Uint8Array>): Promise<void> {
  try {
    let bytes = 0;
    for await (const chunk of arriving(body, DRAINED_FOR)) {
      bytes += chunk.byteLength;
      if (bytes > DRAINED) return;
    }
  } catch (error) {
    noteLoss("the rest of a body did not come", error);
  }
}
