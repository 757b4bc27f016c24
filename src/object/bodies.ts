import { failure, LIMITS, parsedWeight, type Result, success } from "../protocol/index.ts";
import { arriving, drain, TooLate, within } from "./arriving.ts";
import { noteLoss } from "./log.ts";

/**
 * The bodies that one object reads at the same time. What they hold together is bounded, and so are their number and their
 * time: with too much, the one that has been under way for longest is refused, so that a body that comes at once always gets in.
 */
export interface Bodies {
  /**
   * Reads a body, and gives its text to `use`; what was read counts until that is over. Otherwise a
   * problem: `tooLarge`, `tooMany`, `invalid` where it is no UTF-8, `unavailable` where it breaks off or does not come in time.
   */
  take<T>(request: Request, most: Most, use: (text: string) => Promise<Result<T>>): Promise<Result<T>>;
  /** Bytes that are held now. */
  readonly held: number;
}

/** How large a body may be, in bytes, and what it says when it is parsed. */
export interface Most {
  readonly bytes: number;
  readonly parsed: number;
}

interface Body {
  chunks: Uint8Array[];
  bytes: number;
  /** Why nothing more of it is kept. */
  refused: Result<never> | null;
}

const LATE = failure("unavailable", "the body did not come in time; send it again");
const BROKEN = failure("unavailable", "the body broke off before its end; send it again");
const CROWDED = failure("tooMany", "too many bodies are under way to this document; send it again later", {
  retryAfter: 1_000,
});
const NOT_UTF8 = failure("invalid", "the body is not UTF-8");

/** `room` is how many bytes they may hold together now. */
export function createBodies(room: () => number = () => LIMITS.bodiesBytes): Bodies {
  /** Those that are arriving; the one that began first comes first. */
  const underWay = new Set<Body>();
  let held = 0;

  const letGo = (body: Body) => {
    held -= body.bytes;
    body.bytes = 0;
    body.chunks = [];
  };
  const add = (body: Body, bytes: number) => {
    body.bytes += bytes;
    held += bytes;
  };
  const refuse = (body: Body, problem: Result<never>) => {
    underWay.delete(body);
    letGo(body);
    body.refused ??= problem;
  };
  const makeRoom = () => {
    for (const oldest of underWay) {
      if (held <= room() && underWay.size <= LIMITS.bodies) return;
      refuse(oldest, CROWDED);
    }
  };
  /** One that is announced to be small counts at once and comes whole: piece by piece it takes several turns. */
  const receive = async (body: Body, request: Request, bytes: number) => {
    add(body, bytes);
    makeRoom();
    const all = await within(LIMITS.bodyTimeout, request.arrayBuffer());
    if (!body.refused) body.chunks.push(new Uint8Array(all));
  };
  /** Reads all of it, or until it is refused. */
  const gather = async (body: Body, stream: ReadableStream<Uint8Array>, most: number) => {
    makeRoom();
    for await (const chunk of arriving(stream, { next: LIMITS.bodyTimeout, whole: LIMITS.bodyTime })) {
      if (body.refused) return;
      body.chunks.push(chunk);
      add(body, chunk.byteLength);
      if (body.bytes > most) refuse(body, tooLarge(most));
      else makeRoom();
      if (body.refused) return;
    }
  };
  const read = async (body: Body, request: Request, stream: ReadableStream<Uint8Array>, most: number) => {
    const announced = request.headers.get("content-length");
    const length = announced === null ? Number.POSITIVE_INFINITY : Number(announced);
    try {
      if (announced !== null && length > most) refuse(body, tooLarge(most));
      else if (length <= SMALL) await receive(body, request, length);
      else await gather(body, stream, most);
    } catch (error) {
      if (!(error instanceof TooLate)) noteLoss("a body broke off", error);
      refuse(body, error instanceof TooLate ? LATE : BROKEN);
    }
  };

  return {
    get held() {
      return held;
    },
    async take(request, { bytes, parsed }, use) {
      const stream = request.body;
      if (!stream) return use("");
      const body: Body = { chunks: [], bytes: 0, refused: null };
      underWay.add(body);
      try {
        await read(body, request, stream, bytes);
        if (body.refused) {
          if (!request.body?.locked) await drain(stream);
          return body.refused;
        }
        underWay.delete(body);
        const text = textOf(body);
        if (!text.ok) return text;
        return parsedWeight(text.value, parsed) > parsed ? DENSE : await use(text.value);
      } finally {
        underWay.delete(body);
        letGo(body);
      }
    },
  };
}

/** Bytes of a body that is received whole. */
const SMALL = 64 * 1024;

function tooLarge(most: number): Result<never> {
  return failure("tooLarge", `a body takes at most ${most} bytes here`);
}

/** Its text; what was received is let go. */
function textOf(body: Body): Result<string> {
  // A text with one character beyond Latin-1 takes two bytes for each: 32 MiB, parsed, were the end of an isolate of 128 MiB
  // (workerd 1.20261023, 2026-11-27).
  if (2 * charactersOf(body.chunks, body.bytes) > LIMITS.bodyBytes && body.chunks.some(hasWide)) return WIDE;
  const bytes = new Uint8Array(body.bytes);
  let at = 0;
  for (const chunk of body.chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  body.chunks = [];
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
    return 2 * text.length > LIMITS.bodyBytes && ESCAPED_WIDE.test(text) ? WIDE : success(text);
  } catch (error) {
    if (error instanceof TypeError) return NOT_UTF8;
    throw error;
  }
}

const WIDE = failure(
  "tooLarge",
  `a body with characters beyond Latin-1 takes at most ${LIMITS.bodyBytes / 2} of them; import takes any number`,
);
const DENSE = failure(
  "tooLarge",
  "what the body says takes too much memory: too many lists, objects and numbers at once",
);
/** An escape beyond Latin-1: what is parsed takes two bytes a character. */
const ESCAPED_WIDE = /\\u(?!00)/;

/** How many characters, counted where that can matter. */
function charactersOf(chunks: readonly Uint8Array[], bytes: number): number {
  if (2 * bytes <= LIMITS.bodyBytes) return bytes;
  let characters = 0;
  for (const chunk of chunks) for (const byte of chunk) if ((byte & 0xc0) !== 0x80) characters++;
  return characters;
}

/** Whether something begins in it that is beyond U+00FF. */
function hasWide(chunk: Uint8Array): boolean {
  return chunk.some((byte) => byte >= 0xc4);
}
