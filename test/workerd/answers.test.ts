import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { withPrincipal } from "../../src/access/principal.ts";
import { type Answer, type Answers, createAnswers } from "../../src/object/answers.ts";
import { createRoutes } from "../../src/object/http.ts";
import { roomBeside } from "../../src/object/memory.ts";
import { ANYONE, failure, LIMITS, success } from "../../src/protocol/index.ts";

const MiB = 1024 * 1024;
const PART = "x".repeat(MiB);
const READ = 64 * 1024;

// Timers of the object's code are those of this isolate.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

/** Makes an answer of so many MiB. */
function make(answers: Answers, size: number): Answer {
  const answer = answers.begin();
  for (let each = 0; each < size; each++) expect(answer.take(PART)).toBe((each + 1) * MiB);
  return answer;
}

/** Sends it to somebody who reads when told to. */
function send(answer: Answer) {
  return reading(answer.send());
}

function reading(sent: ReturnType<Answers["whole"]>) {
  if (!(sent instanceof ReadableStream)) throw new Error("it is small, or was refused");
  // As a response is read; a plain reader is given 4 KiB at a time (workerd 1.20261023).
  const reader = sent.getReader({ mode: "byob" });
  const read = async () => {
    const reading = reader.read(new Uint8Array(READ));
    // A failure is for whoever waits for it.
    reading.catch(() => undefined);
    await pass(1);
    return reading;
  };
  return {
    read,
    cancel: () => reader.cancel(),
    /** Bytes that come until the end. */
    async rest() {
      let bytes = 0;
      for (;;) {
        const { value, done } = await read();
        if (done) return bytes;
        bytes += value.byteLength;
      }
    },
  };
}

describe("B55 large answers", () => {
  test("hold 40 MiB together, made or sent; there is no room for a byte more while others are read", async () => {
    const answers = createAnswers();
    const sent = send(make(answers, 20));
    await sent.read();
    const second = make(answers, 20);
    expect(answers.held).toBe(LIMITS.answersBytes);
    expect(second.take("x"), "not even for its own").toBe(null);
    expect(answers.begin().take("x")).toBe(null);
    await pass(LIMITS.readTimeout - 2);
    await sent.read();
    await pass(LIMITS.readTimeout - 2);
    expect(second.take("x"), "whoever reads in time is left alone").toBe(null);
    await pass(2);
    expect(second.take("x")).toBe(20 * MiB + 1);
    await expect(sent.read()).rejects.toThrow("nobody read");
    expect(answers.held).toBe(20 * MiB + 1);
  });

  test("B61 hold what the others leave, and 8 MiB in any case", async () => {
    let others = LIMITS.heldBytes - 30 * MiB;
    const answers = createAnswers(() => roomBeside(others, LIMITS.answersBytes));
    const first = make(answers, 15);
    const second = make(answers, 15);
    expect(second.take("x")).toBe(null);
    second.release();
    first.release();
    others = LIMITS.heldBytes;
    const [third, fourth] = [make(answers, 4), make(answers, 4)];
    expect(fourth.take("x")).toBe(null);
    third.release();
    expect(fourth.take("x")).toBe(4 * MiB + 1);
  });

  test("make room in the order in which they were read last", async () => {
    const answers = createAnswers();
    const [one, two] = [send(make(answers, 20)), send(make(answers, 19))];
    await one.read();
    await pass(1_000);
    await two.read();
    await pass(1_000);
    await one.read();
    await pass(LIMITS.readTimeout);
    expect(make(answers, 2)).toBeDefined();
    await expect(two.read()).rejects.toThrow("nobody read");
    expect(await one.rest()).toBe(20 * MiB - 2 * READ);
  });

  test("one alone may be larger", () => {
    const answers = createAnswers();
    make(answers, 41).release();
    expect(answers.held).toBe(0);
  });

  test("go with what is read of them, part by part", async () => {
    const answers = createAnswers();
    const sent = send(make(answers, 2));
    for (let each = 0; each < 15; each++) await sent.read();
    expect(answers.held).toBe(2 * MiB);
    await sent.read();
    expect(answers.held).toBe(MiB);
    expect(await sent.rest()).toBe(MiB);
    expect([answers.held, vi.getTimerCount()]).toEqual([0, 0]);
  });

  test("are let go when their reader goes, or when nobody reads for 30 s", async () => {
    const answers = createAnswers();
    const left = send(make(answers, 3));
    await left.read();
    await left.cancel();
    expect(answers.held).toBe(0);
    const stalled = send(make(answers, 3));
    await stalled.read();
    await pass(LIMITS.exportTimeout - 2);
    expect(answers.held).toBe(3 * MiB);
    await pass(2);
    expect([answers.held, vi.getTimerCount()]).toEqual([0, 0]);
    await expect(stalled.read()).rejects.toThrow("nobody read");
  });

  test("of what has happened are told all the same, whoever else is broken off for them", async () => {
    const answers = createAnswers();
    const sent = send(make(answers, 40));
    const answer = answers.whole(PART, true);
    expect(answers.held).toBe(MiB);
    await expect(sent.read()).rejects.toThrow("nobody read");
    expect(await reading(answer).rest()).toBe(MiB);
  });

  test("of what was asked for have no room while others are read, but where they are small", async () => {
    const answers = createAnswers();
    const sent = send(make(answers, 40));
    await sent.read();
    expect(answers.whole(PART, false)).toBe(null);
    for (const mustBeTold of [false, true]) expect(answers.whole("x".repeat(READ), mustBeTold)).toHaveLength(READ);
    expect(answers.held).toBe(LIMITS.answersBytes);
    await pass(LIMITS.readTimeout);
    expect(await reading(answers.whole(PART, false)).rest()).toBe(MiB);
    await expect(sent.read()).rejects.toThrow("nobody read");
  });

  test("to a GET are refused where there is no room, and what is being read goes on", async () => {
    const nothing = async () => failure("notFound", "there is none");
    const page = { events: [{ text: PART }], more: false };
    const routes = createRoutes(
      {
        ...{ find: nothing, getOrStart: nothing, info: nothing, configure: nothing, state: nothing },
        ...{
          mutate: nothing,
          historySessions: nothing,
          restore: nothing,
          diff: nothing,
          undo: nothing,
          blame: nothing,
          bin: nothing,
          stop: nothing,
          import: nothing,
          copy: nothing,
          free: () => success(null),
          revoke: () => failure("notFound", "there is none"),
        },
        ...{
          versions: () => failure("notFound", "there is none"),
          nameVersion: () => failure("notFound", "there is none"),
          renameVersion: () => failure("notFound", "there is none"),
          deleteVersion: () => failure("notFound", "there is none"),
        },
        admit: success,
        look: () => success(null),
        export: () => failure("notFound", "there is none"),
        destroy: async () => success(JSON.parse(JSON.stringify(page))),
        history: async () => success(JSON.parse(JSON.stringify(page))),
        async treeText(_, parts) {
          for (let each = 0; each < 40; each++) parts.take(PART);
          return success(null);
        },
      },
      () => 0,
    );
    const ask = (method: string, path: string) =>
      routes.request(withPrincipal(new Request(`http://localhost${path}`, { method }), ANYONE));
    const tree = await ask("GET", "/documents/d/tree");
    const sent = reading(tree.body);
    await sent.read();
    const refused = await ask("GET", "/documents/d/history");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "2"]);
    expect(await refused.json()).toMatchObject({ code: "tooMany" });
    expect((await sent.read()).done).toBe(false);
    const told = await ask("DELETE", "/documents/d");
    expect(await reading(told.body).rest()).toBe(JSON.stringify(page).length);
    await expect(sent.read()).rejects.toThrow("nobody read");
  });

  test("are none where they are small: these are given whole, and nothing is waited for", () => {
    const answers = createAnswers();
    const small = answers.begin();
    small.take("x".repeat(READ));
    expect(small.send()).toHaveLength(READ);
    expect([answers.held, vi.getTimerCount()]).toEqual([0, 0]);
    const large = answers.begin();
    large.take("x".repeat(READ + 1));
    expect(large.send()).toBeInstanceOf(ReadableStream);
    expect(answers.held).toBe(READ + 1);
  });
});
