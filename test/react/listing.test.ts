import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ProblemError } from "../../src/history/index.ts";
import { createAsking } from "../../src/react/latest.ts";
import { createListing, type Read } from "../../src/react/listing.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const EVERY = 2_000;
const soon = () => vi.advanceTimersByTimeAsync(0);

/** The events of a document, two a page, and a list of them. */
function watched() {
  let top = 5;
  let tell = () => {};
  let problem: ProblemError | null = null;
  const asked: string[] = [];
  const from = async (before: number, signal: AbortSignal): Promise<Read<number>> => {
    asked.push(before > top ? "newest" : `before ${before}`);
    await null;
    signal.throwIfAborted();
    if (problem) throw problem;
    const entries = [before - 1, before - 2].filter((seq) => seq > 0);
    const next = entries.at(-1) ?? before;
    return {
      entries,
      more: next > 1,
      next: (other) => from(next, other),
      behind: ([newest = 0, ...rest]) => (next <= newest + 1 ? [newest, ...rest].filter((seq) => seq < next) : null),
    };
  };
  const list = createListing<number>({
    first: (signal) => from(top + 1, signal),
    follow(changed) {
      tell = changed;
      return () => {
        tell = () => {};
      };
    },
    every: EVERY,
  });
  return {
    list,
    asked,
    event(count = 1) {
      top += count;
      for (let time = 0; time < Math.max(count, 1); time++) tell();
    },
    fail(error: ProblemError | null) {
      problem = error;
    },
  };
}

describe("a list of the history", () => {
  test("V100 is read while somebody looks, and page by page for who wants more", async () => {
    const { list, asked } = watched();
    list.loadMore();
    await soon();
    expect(asked).toEqual([]);
    const end = list.subscribe(() => {});
    await soon();
    expect(list.listed).toEqual({ entries: [5, 4], more: true, isLoading: false, error: null });
    list.loadMore();
    list.loadMore();
    await soon();
    list.loadMore();
    await soon();
    expect([list.listed.entries, list.listed.more, asked.length]).toEqual([[5, 4, 3, 2, 1], false, 3]);
    end();
    await vi.advanceTimersByTimeAsync(10 * EVERY);
    expect(asked).toHaveLength(3);
  });

  test("V100 looks again when events come, at most so often; what was read stays below what has come", async () => {
    const { list, asked, event } = watched();
    list.subscribe(() => {});
    await soon();
    list.loadMore();
    await soon();
    event();
    for (let time = 0; time < EVERY; time += 100) {
      event(0);
      await vi.advanceTimersByTimeAsync(100);
    }
    await vi.advanceTimersByTimeAsync(5 * EVERY);
    expect(asked).toEqual(["newest", "before 4", "newest"]);
    expect(list.listed.entries).toEqual([6, 5, 4, 3, 2]);
    list.loadMore();
    await soon();
    expect(list.listed).toMatchObject({ entries: [6, 5, 4, 3, 2, 1], more: false });
    // More has come than a page has: what lies between is not known, and is not passed over.
    event(7);
    await vi.advanceTimersByTimeAsync(EVERY);
    expect(list.listed).toMatchObject({ entries: [13, 12], more: true });
    list.loadMore();
    await soon();
    expect(list.listed.entries).toEqual([13, 12, 11, 10]);
  });

  test("V100 says what went wrong, keeps what it had, and goes on with the next look", async () => {
    const { list, event, fail } = watched();
    list.subscribe(() => {});
    await soon();
    fail(new ProblemError({ code: "unavailable", message: "away" }));
    list.refresh();
    await soon();
    expect(list.listed).toMatchObject({
      entries: [5, 4],
      isLoading: false,
      error: { problem: { code: "unavailable" } },
    });
    fail(null);
    event();
    await vi.advanceTimersByTimeAsync(EVERY);
    expect(list.listed).toMatchObject({ entries: [6, 5, 4], error: null });

    // Refused for now it asks again by itself.
    await vi.advanceTimersByTimeAsync(EVERY);
    fail(new ProblemError({ code: "tooMany", message: "later", retryAfter: 1_000 }));
    event();
    await soon();
    expect(list.listed.error?.problem.code).toBe("tooMany");
    fail(null);
    await vi.advanceTimersByTimeAsync(EVERY);
    expect(list.listed).toMatchObject({ entries: [7, 6, 5, 4], error: null });
  });
});

describe("what was asked for last", () => {
  /** What takes so many milliseconds to answer, called off or not. */
  function asking(takes: number, refused = 0) {
    const begun: number[] = [];
    const shown: (string | null)[] = [null];
    let under = 0;
    let most = 0;
    const store = createAsking<string>(150);
    const ask = async (at: number, signal: AbortSignal) => {
      begun.push(at);
      most = Math.max(most, ++under);
      await new Promise((resolve) => setTimeout(resolve, takes));
      under--;
      signal.throwIfAborted();
      if (begun.length <= refused) throw new ProblemError({ code: "tooMany", message: "later", retryAfter: 1_000 });
      if (at < 0) throw new ProblemError({ code: "invalid", message: "no such moment" });
      return `at ${at}`;
    };
    const want = (at: number) => store.want({ key: String(at), ask: (signal) => ask(at, signal) });
    const look = () => store.subscribe(() => shown.at(-1) !== store.latest.value && shown.push(store.latest.value));
    return { store, want, look, begun, shown, most: () => most };
  }

  test("V102 of a moment that changes all the time few are asked for, one at once, and the last one comes", async () => {
    for (const takes of [20, 400]) {
      const { store, want, look, begun, shown, most } = asking(takes);
      look();
      for (let at = 1; at <= 100; at++) {
        want(at);
        await vi.advanceTimersByTimeAsync(10);
      }
      await vi.advanceTimersByTimeAsync(1_000);
      expect([most(), store.latest]).toEqual([1, { value: "at 100", isLoading: false, error: null }]);
      expect(begun.length).toBeLessThanOrEqual(8);
      // Meanwhile it goes along.
      expect(shown).toEqual([null, ...begun.map((at) => `at ${at}`)]);
    }
  });

  test("V102 one that takes long is called off for the next, and one that is refused for now is asked again", async () => {
    const slow = asking(60_000);
    slow.look();
    slow.want(1);
    await vi.advanceTimersByTimeAsync(5_000);
    slow.want(2);
    await vi.advanceTimersByTimeAsync(1_000);
    slow.want(3);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(slow.begun).toEqual([1, 2, 3]);

    const busy = asking(10, 2);
    busy.look();
    busy.want(1);
    await vi.advanceTimersByTimeAsync(900);
    expect([busy.begun, busy.store.latest]).toEqual([[1], { value: null, isLoading: true, error: null }]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect([busy.begun, busy.store.latest.value]).toEqual([[1, 1, 1], "at 1"]);
    busy.want(-1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(busy.store.latest).toMatchObject({
      value: "at 1",
      isLoading: false,
      error: { problem: { code: "invalid" } },
    });
  });

  test("V102 what has come to nothing is asked again on demand, and what has not, or is under way, is not", async () => {
    const { store, want, look, begun } = asking(10);
    look();
    want(-1);
    store.again();
    await vi.advanceTimersByTimeAsync(500);
    expect([begun, store.latest.error?.problem.code]).toEqual([[-1], "invalid"]);
    store.again();
    store.again();
    await vi.advanceTimersByTimeAsync(500);
    expect(begun).toEqual([-1, -1]);
    want(1);
    await vi.advanceTimersByTimeAsync(500);
    store.again();
    await vi.advanceTimersByTimeAsync(500);
    expect([begun, store.latest]).toEqual([[-1, -1, 1], { value: "at 1", isLoading: false, error: null }]);
  });

  test("V102 a moment that nobody wants any more is forgotten, and comes again when somebody does", async () => {
    const { store, want, look, begun } = asking(20);
    want(1);
    await soon();
    expect(begun).toEqual([]);
    const end = look();
    await vi.advanceTimersByTimeAsync(50);
    expect(store.latest.value).toBe("at 1");
    store.want(null);
    expect(store.latest).toEqual({ value: null, isLoading: false, error: null });
    want(2);
    end();
    await vi.advanceTimersByTimeAsync(500);
    expect(store.latest.value).toBeNull();
    look();
    await vi.advanceTimersByTimeAsync(500);
    expect(store.latest).toEqual({ value: "at 2", isLoading: false, error: null });
  });
});
