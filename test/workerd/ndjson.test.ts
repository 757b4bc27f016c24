import { describe, expect, test, vi } from "vitest";
import { TooLate } from "../../src/object/arriving.ts";
import { eachLine, exportStream } from "../../src/object/ndjson.ts";
import { failure, LIMITS, type Result, success } from "../../src/protocol/index.ts";

const ENCODER = new TextEncoder();

function bytesOf(...chunks: (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  const pending = chunks.map((chunk) => (typeof chunk === "string" ? ENCODER.encode(chunk) : chunk));
  return new ReadableStream({
    pull(controller) {
      const chunk = pending.shift();
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
  });
}

/** Every line of a body, and how it ended. */
async function read(body: ReadableStream<Uint8Array>): Promise<{ lines: string[]; problem: Result<never> | null }> {
  const lines: string[] = [];
  const problem = await eachLine(body, (some) => {
    lines.push(...some);
    return success(null);
  });
  return { lines, problem };
}

describe("D11 the lines of a stream", () => {
  const text = '{"a":"é"}\n{"b":"木🌳"}\r\n\n  {"c":1}';
  const lines = ['{"a":"é"}', '{"b":"木🌳"}\r', "", '  {"c":1}'];

  test("wherever it is cut, inside of a character too", async () => {
    const bytes = ENCODER.encode(text);
    for (let one = 0; one <= bytes.length; one++) {
      for (let two = one; two <= bytes.length; two += 3) {
        const body = bytesOf(bytes.slice(0, one), bytes.slice(one, two), bytes.slice(two));
        expect(await read(body), `cut at ${one} and ${two}`).toEqual({ lines, problem: null });
      }
    }
    const single = bytesOf(...Array.from(bytes, (byte) => new Uint8Array([byte])));
    expect(await read(single)).toEqual({ lines, problem: null });
  });

  test("with and without a line break at the end, and of nothing at all", async () => {
    const linesOf = async (...chunks: string[]) => (await read(bytesOf(...chunks))).lines.join("|");
    expect(await linesOf("a\nb")).toBe("a|b");
    expect(await linesOf("a\nb\n")).toBe("a|b|");
    expect(await linesOf("a", "\n", "b", "\n")).toBe("a|b|");
    expect(await linesOf()).toBe("");
    expect(await linesOf("", "\n")).toBe("|");
  });

  test("are handed over as they come, not at the end", async () => {
    const heard: string[][] = [];
    await eachLine(bytesOf("a\nb\nc", "d\n", "e"), (some) => {
      heard.push([...some]);
      return success(null);
    });
    expect(heard.filter((some) => some.length > 0)).toEqual([["a", "b"], ["cd"], ["e"]]);
  });

  test("a mark of the byte order is none of the first line", async () => {
    expect((await read(bytesOf(new Uint8Array([0xef, 0xbb, 0xbf]), "a\n"))).lines).toEqual(["a", ""]);
  });

  test("end at the first problem, which is the answer, and the rest is not read", async () => {
    let pulled = 0;
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++;
        controller.enqueue(ENCODER.encode(`line ${pulled}\n`));
      },
      cancel() {
        cancelled = true;
      },
    });
    const answer = await eachLine(body, (some) =>
      some.includes("line 3") ? failure("exists", "the third") : success(null),
    );
    expect(answer).toMatchObject({ ok: false, problem: { code: "exists" } });
    expect(pulled).toBeLessThan(6);
    expect(cancelled, "what is left is for `drain`").toBe(false);
  });

  test("a problem of the last line is the answer", async () => {
    const answer = await eachLine(bytesOf("a\nlast"), (some) =>
      some.includes("last") ? failure("invalid", "the last") : success(null),
    );
    expect(answer).toMatchObject({ problem: { message: "the last" } });
  });

  test.each<[string, number[]]>([
    ["a byte that begins nothing", [0x61, 0x0a, 0xff, 0x0a]],
    ["a character cut short by another", [0xe2, 0x82, 0x61]],
    ["a character cut short by the end", [0x61, 0x0a, 0xe2, 0x82]],
    ["half of a pair", [0xed, 0xa0, 0xbc]],
    ["more bytes than needed", [0xc0, 0x80]],
  ])("%s is not UTF-8, in one chunk and byte by byte", async (_, bytes) => {
    for (const body of [bytesOf(new Uint8Array(bytes)), bytesOf(...bytes.map((byte) => new Uint8Array([byte])))]) {
      const { problem } = await read(body);
      expect(problem).toMatchObject({ ok: false, problem: { code: "invalid", message: "the body is not UTF-8" } });
    }
  });

  test.each(["x", " "])(
    "one without an end (of '%s') is refused when it is too long, and never gathered",
    async (filler) => {
      const chunk = ENCODER.encode(filler.repeat(64 * 1024));
      let pulled = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled++;
          if (pulled > 100) controller.close();
          else controller.enqueue(chunk);
        },
      });
      let longest = 0;
      const answer = await eachLine(body, (some) => {
        for (const line of some) longest = Math.max(longest, line.length);
        return longest > LIMITS.lineLength ? failure("tooLarge", "a long line") : success(null);
      });
      expect(answer).toMatchObject({ problem: { code: "tooLarge" } });
      expect(longest).toBeLessThanOrEqual(LIMITS.lineLength + 64 * 1024);
      expect(pulled).toBeLessThan(20);
    },
  );

  test("H8 a stream of which nothing comes for 60 s is not waited for any longer", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(ENCODER.encode("a\nb")),
      cancel() {
        cancelled = true;
      },
    });
    const reading = read(body).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(LIMITS.importTimeout - 1);
    expect(cancelled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect([await reading, cancelled, vi.getTimerCount()]).toEqual([expect.any(TooLate), true, 0]);
    vi.useRealTimers();
  });

  test("a stream that fails is an error of its own", async () => {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (pulled++ === 0) controller.enqueue(ENCODER.encode("a\nb"));
        else controller.error(new Error("the peer is gone"));
      },
    });
    await expect(read(body)).rejects.toThrow("the peer is gone");
  });
});

describe("D10 an export as a stream", () => {
  function exportOf(...parts: (string | Error)[]) {
    const pending = [...parts];
    let released = 0;
    let asked = 0;
    const stream = exportStream({
      next() {
        asked++;
        const part = pending.shift() ?? null;
        if (part instanceof Error) throw part;
        return part;
      },
      release: () => void released++,
    });
    return { stream, released: () => released, asked: () => asked };
  }

  test("gives its parts as UTF-8 and is released at its end", async () => {
    const { stream, released } = exportOf("a\n", "é木🌳\n", "c\n");
    expect(await new Response(stream).text()).toBe("a\né木🌳\nc\n");
    expect(released()).toBe(1);
  });

  test("is empty where it has nothing", async () => {
    const { stream, released } = exportOf();
    expect([await new Response(stream).text(), released()]).toEqual(["", 1]);
  });

  test("is read no faster than its reader takes it", async () => {
    const { stream, asked } = exportOf(...Array.from({ length: 100 }, () => "x\n"));
    const reader = stream.getReader();
    await reader.read();
    expect(asked()).toBeLessThan(5);
    await reader.cancel();
  });

  test("is released when its reader goes", async () => {
    const { stream, released } = exportOf("a\n", "b\n");
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    expect(released()).toBe(1);
  });

  test("breaks off with an error where the export does, and is released", async () => {
    const { stream, released } = exportOf("a\n", new Error("the document was closed"));
    const reader = stream.getReader();
    await reader.read();
    await expect(reader.read()).rejects.toThrow("the document was closed");
    expect(released()).toBe(1);
  });
});
