import { expect, test } from "vitest";
import { eachPiece, forkStream } from "../../src/object/frames.ts";
import { failure, type Result, success } from "../../src/protocol/index.ts";
import type { Piece } from "../../src/session.ts";

const PIECES: readonly Piece[] = [
  '{"a":"é木🌳"}\n',
  new Uint8Array([0, 1, 255, 10]),
  "\ufeff",
  new Uint8Array(300).fill(7),
];

function streamOf(pieces: readonly Piece[]): ReadableStream<Uint8Array> {
  const pending = [...pieces];
  return forkStream({ next: () => pending.shift() ?? null, release: () => {} });
}

function cutUp(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}

async function read(body: ReadableStream<Uint8Array>, answer: Result<null> = success(null)) {
  const pieces: Piece[] = [];
  const problem = await eachPiece(body, (piece) => {
    pieces.push(piece);
    return answer;
  });
  return { pieces, problem };
}

test("V86 what goes from object to object comes as it went, wherever it is cut", async () => {
  expect(await read(streamOf(["", ...PIECES, ""]))).toEqual({ pieces: PIECES, problem: null });
  const bytes = await new Response(streamOf(PIECES)).bytes();
  for (const size of [1, 2, 5, 6, 7, 100, bytes.length])
    expect(await read(cutUp(bytes, size)), `by ${size}`).toEqual({ pieces: PIECES, problem: null });
});

test("V86 a problem ends it, and so does what other code sends", async () => {
  const full = failure("full", "no room");
  expect(await read(streamOf(PIECES), full)).toEqual({ pieces: PIECES.slice(0, 1), problem: full });
  for (const text of ['{"grove":{}}\n', "\u0001\u00ff\u00ff\u00ff\u00ff"]) {
    const { pieces, problem } = await read(cutUp(new TextEncoder().encode(text), 64));
    expect(pieces).toEqual([]);
    expect(problem).toMatchObject({ problem: { code: "unavailable" } });
  }
});
