import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Bodies, createBodies } from "../../src/object/bodies.ts";
import { roomBeside } from "../../src/object/memory.ts";
import { LIMITS, type Result, success } from "../../src/protocol/index.ts";

const MiB = 1024 * 1024;
const PIECE = new Uint8Array(MiB).fill(0x20);
const ENCODER = new TextEncoder();

// Timers of the object's code are those of this isolate.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());
// What breaks off is told in the log, on purpose; here it is noise.
vi.spyOn(console, "debug").mockImplementation(() => {});

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

/** A body on its way, and how it ends: the length of its text, or a code. */
interface Upload {
  send(...pieces: Uint8Array[]): Promise<void>;
  end(): Promise<void>;
  readonly outcome: number | string | null;
  /** The whole problem, where there is one. */
  readonly result: Result<number> | null;
  /** Whether its reader has given it up. */
  readonly cancelled: boolean;
}

interface UploadOptions {
  readonly most?: number;
  readonly headers?: Record<string, string>;
  /** What is done with the text; nothing that takes time. */
  readonly use?: (text: string) => Promise<Result<number>>;
}

function begin(bodies: Bodies, options: UploadOptions = {}): Upload {
  const { most = LIMITS.bodyBytes, headers = {}, use = async (text) => success(text.length) } = options;
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  let [cancelled, result]: [boolean, Result<number> | null] = [false, null];
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
    cancel() {
      cancelled = true;
    },
  });
  const request = new Request("http://localhost", { method: "POST", body, headers });
  void bodies.take(request, { bytes: most, parsed: LIMITS.parsedTreeBytes }, use).then((value) => {
    result = value;
  });
  return {
    async send(...pieces) {
      for (const piece of pieces) controller?.enqueue(piece);
      await pass(0);
    },
    async end() {
      controller?.close();
      await pass(0);
    },
    get outcome() {
      if (!result) return null;
      return result.ok ? result.value : result.problem.code;
    },
    get result() {
      return result;
    },
    get cancelled() {
      return cancelled;
    },
  };
}

const pieces = (count: number) => Array.from({ length: count }, () => PIECE);

describe("B50 the bodies that are read at the same time", () => {
  test("hold 40 MiB together; with one byte more the one that is under way for longest is refused", async () => {
    const bodies = createBodies();
    const first = begin(bodies);
    await first.send(...pieces(20));
    const second = begin(bodies);
    await second.send(...pieces(20));
    expect([bodies.held, first.outcome, second.outcome]).toEqual([LIMITS.bodiesBytes, null, null]);
    await second.send(ENCODER.encode(" "));
    expect(bodies.held).toBe(20 * MiB + 1);
    await first.end();
    expect(first.result).toMatchObject({ ok: false, problem: { code: "tooMany", retryAfter: 1_000 } });
    await second.end();
    expect([second.outcome, bodies.held]).toEqual([20 * MiB + 1, 0]);
  });

  test("B61 hold what the others leave, and 8 MiB in any case", async () => {
    let others = LIMITS.heldBytes - 10 * MiB;
    const bodies = createBodies(() => roomBeside(others, LIMITS.bodiesBytes));
    const first = begin(bodies);
    await first.send(...pieces(10));
    expect(first.outcome).toBe(null);
    others = LIMITS.heldBytes;
    const second = begin(bodies);
    await second.send(PIECE);
    await first.end();
    expect(first.outcome).toBe("tooMany");
    await second.send(...pieces(7));
    await second.end();
    expect(second.outcome).toBe(8 * MiB);
    expect([roomBeside(0, 100), roomBeside(LIMITS.heldBytes - LIMITS.heldAnyway - 1, LIMITS.bodiesBytes)]).toEqual([
      100,
      LIMITS.heldAnyway + 1,
    ]);
  });

  test("are 100 at most: with one more the oldest of them is refused", async () => {
    const bodies = createBodies();
    const many: Upload[] = [];
    for (let each = 0; each < LIMITS.bodies; each++) {
      many.push(begin(bodies));
      await many.at(-1)?.send(ENCODER.encode("x"));
    }
    expect(bodies.held).toBe(LIMITS.bodies);
    const late = begin(bodies);
    await late.send(ENCODER.encode("late"));
    await late.end();
    for (const each of many) await each.end();
    expect(late.outcome).toBe(4);
    expect(many.map(({ outcome }) => outcome)).toEqual(["tooMany", ...Array(LIMITS.bodies - 1).fill(1)]);
  });

  test("let in what comes at once, however much of others does not end", async () => {
    const bodies = createBodies();
    const slow = [begin(bodies, { most: 4 * MiB })];
    for (let each = 1; each < 12; each++) slow.push(begin(bodies, { most: 4 * MiB }));
    for (const each of slow) await each.send(...pieces(4));
    const honest = begin(bodies);
    await honest.send(PIECE);
    await honest.end();
    expect(honest.outcome).toBe(MiB);
    expect(bodies.held).toBeLessThanOrEqual(LIMITS.bodiesBytes);
  });

  test("count until what they say is done, and are refused themselves where only such are in the way", async () => {
    const bodies = createBodies();
    const done = Promise.withResolvers<Result<number>>();
    const use = () => done.promise;
    const used = begin(bodies, { use });
    await used.send(...pieces(32));
    await used.end();
    expect([bodies.held, used.outcome]).toEqual([32 * MiB, null]);
    const next = begin(bodies);
    await next.send(...pieces(8));
    expect(bodies.held).toBe(LIMITS.bodiesBytes);
    await next.send(ENCODER.encode(" "));
    await next.end();
    expect(next.outcome).toBe("tooMany");
    done.resolve(success(7));
    await pass(0);
    expect([used.outcome, bodies.held]).toEqual([7, 0]);
  });

  test("one that is announced to be small counts from its beginning", async () => {
    const bodies = createBodies();
    const small = begin(bodies, { headers: { "content-length": "5" } });
    await pass(0);
    expect(bodies.held).toBe(5);
    await small.send(ENCODER.encode("12345"));
    await small.end();
    expect([small.outcome, bodies.held]).toEqual([5, 0]);
  });
});

describe("B51 a body that does not come", () => {
  test.each([
    ["in pieces", {}],
    ["announced to be small", { "content-length": "5" }],
  ])("is waited for 30 s, and not longer: %s", async (_, headers) => {
    const bodies = createBodies();
    const silent = begin(bodies, { headers });
    await pass(LIMITS.bodyTimeout - 1);
    expect(silent.outcome).toBe(null);
    await pass(1);
    expect([silent.outcome, bodies.held]).toEqual(["unavailable", 0]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is given up with all that has come of it", async () => {
    const bodies = createBodies();
    const stalled = begin(bodies);
    await stalled.send(...pieces(30));
    expect(bodies.held).toBe(30 * MiB);
    await pass(LIMITS.bodyTimeout);
    expect([stalled.outcome, stalled.cancelled, bodies.held]).toEqual(["unavailable", true, 0]);
  });

  test("but drop by drop is broken off after 5 minutes", async () => {
    const bodies = createBodies();
    const slow = begin(bodies);
    const every = LIMITS.bodyTimeout - 1_000;
    let waited = 0;
    for (; waited + every < LIMITS.bodyTime; waited += every) {
      await slow.send(ENCODER.encode("x"));
      await pass(every);
    }
    expect(slow.outcome).toBe(null);
    await slow.send(ENCODER.encode("x"));
    await pass(LIMITS.bodyTime - waited);
    expect([slow.outcome, slow.cancelled]).toEqual(["unavailable", true]);
  });

  test("whole after 29 s is read", async () => {
    const slow = begin(createBodies());
    await pass(LIMITS.bodyTimeout - 1_000);
    await slow.send(ENCODER.encode("text"));
    await slow.end();
    expect(slow.outcome).toBe(4);
    expect(vi.getTimerCount(), "and nothing is waited for any more").toBe(0);
  });

  test("and is refused is read on for the sake of the answer: for 5 s without anything, and 64 MiB of it", async () => {
    const bodies = createBodies();
    const refused = begin(bodies, { most: MiB });
    await refused.send(PIECE, PIECE);
    expect([refused.outcome, bodies.held]).toEqual([null, 0]);
    await pass(4_999);
    expect(refused.outcome).toBe(null);
    await pass(1);
    expect([refused.outcome, refused.cancelled]).toEqual(["tooLarge", true]);
    const endless = begin(bodies, { most: MiB });
    await endless.send(PIECE, PIECE, ...pieces(64));
    expect(endless.outcome).toBe(null);
    await endless.send(ENCODER.encode("x"));
    expect(endless.outcome).toBe("tooLarge");
  });
});

describe("B52 a body is as long as it may be", () => {
  test.each([
    ["in pieces", {}],
    ["announced", { "content-length": `${MiB}` }],
  ])("and not one byte longer: %s", async (_, headers) => {
    const bodies = createBodies();
    const whole = begin(bodies, { most: MiB, headers });
    await whole.send(PIECE);
    await whole.end();
    expect(whole.outcome).toBe(MiB);
    const more = begin(bodies, { most: MiB - 1, headers });
    await more.send(PIECE);
    await more.end();
    expect([more.outcome, bodies.held]).toEqual(["tooLarge", 0]);
  });
});

describe("B54 the text of a body", () => {
  const most = LIMITS.bodyBytes / 2;
  const outcomeOf = async (text: string) => {
    const upload = begin(createBodies());
    await upload.send(ENCODER.encode(text));
    await upload.end();
    return upload.outcome;
  };

  test.each([
    ["木", "木"],
    ["an escape of it", "\\u6728"],
  ])("with %s in it takes 16 Mi characters, and not one more", async (_, wide) => {
    expect(await outcomeOf(wide.padEnd(most, "x"))).toBe(most);
    expect(await outcomeOf(wide.padEnd(most + 1, "x"))).toBe("tooLarge");
  });

  test("of Latin-1 alone takes 32 MiB, and so does one of characters that are long in UTF-8", async () => {
    expect(await outcomeOf("é\\u00e9".padEnd(LIMITS.bodyBytes - 1, "x"))).toBe(LIMITS.bodyBytes - 1);
    const long = "木".repeat(LIMITS.bodyBytes / 3);
    expect(await outcomeOf(long)).toBe(long.length);
  });

  test("says no more than may be held when it is parsed, and is not parsed to find out", async () => {
    const lists = LIMITS.parsedTreeBytes / (64 + 28);
    expect(await outcomeOf(`[${"[],".repeat(lists - 1)}0]`)).toBe(3 * Math.floor(lists - 1) + 3);
    expect(await outcomeOf(`[${"[],".repeat(lists)}0]`)).toBe("tooLarge");
  });

  test("that is not UTF-8 is invalid", async () => {
    const upload = begin(createBodies());
    await upload.send(new Uint8Array([0x22, 0xff, 0x22]));
    await upload.end();
    expect(upload.outcome).toBe("invalid");
  });
});
