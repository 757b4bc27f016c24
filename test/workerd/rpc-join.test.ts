import { runInDurableObject } from "cloudflare:test";
import { RpcTarget } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import type { RpcJoin } from "../../src/object/subscription.ts";
import { type Principal, type ServerMessage, topic } from "../../src/protocol/index.ts";
import { insert, update } from "../tree/document.ts";
import { call, openDocument, stubOf } from "./http-client.ts";
import { join } from "./socket-client.ts";

/** A Worker that joins by RPC, as the one below does for a test. */
class Listener extends RpcTarget {
  readonly heard: ServerMessage[] = [];
  readonly closes: [number, string][] = [];
  /** What it does with a frame, beside hearing it. */
  answer: (message: ServerMessage) => void = () => {};

  receive(frame: string): void {
    const message: ServerMessage = JSON.parse(frame);
    this.heard.push(message);
    this.answer(message);
  }
  closed(code: number, reason: string): void {
    this.closes.push([code, reason]);
  }

  kinds(): string[] {
    return this.heard.map(({ type }) => type);
  }
}

async function joinByRpc(id: string, input: RpcJoin, listener = new Listener(), principal?: Principal) {
  const joined = await stubOf(id).join(listener, input, principal);
  if (!joined.ok) throw new Error(joined.problem.message);
  const subscription = joined.value;
  await vi.waitFor(() => expect(listener.kinds()).toContain("welcome"));
  return { listener, subscription };
}

const countOf = async (id: string) => (await call<{ subscriberCount: number }>("GET", topic(id))).subscriberCount;
const mutation = (number: number, ...ops: unknown[]) =>
  JSON.stringify({ type: "mutate", mutations: [{ mutation: number, ops }] });

describe("L13 a Worker joins by RPC", () => {
  test("is welcomed, gets the tree, and hears what others do", async () => {
    const id = await openDocument("rpc-join", "root\n  a");
    const { listener } = await joinByRpc(id, { client: "worker", presence: { at: "a" } });
    const ann = await join(id, "ann");
    expect(Object.values(ann.welcome.presence)).toEqual([{ user: null, data: { at: "a" } }]);
    await ann.write(insert("b", "root"));
    await vi.waitFor(() => expect(listener.kinds()).toContain("delta"));
    expect(listener.heard[0]).toMatchObject({ type: "welcome", document: id, client: "worker", resume: "snapshot" });
    expect(await countOf(id)).toBe(2);
  });

  test("mutates, exactly once, and finds its own event", async () => {
    const id = await openDocument("rpc-mutate", "root");
    const { listener, subscription } = await joinByRpc(id, { client: "worker" });
    await subscription.send(mutation(1, insert("n", "root")));
    await subscription.send(mutation(1, insert("n", "root")));
    await vi.waitFor(() => expect(listener.kinds().filter((kind) => kind === "delta")).toHaveLength(2));
    expect(await call("GET", topic(id))).toMatchObject({ seq: 1, treeSize: 2 });
  });

  test("S10 is replaced by the same client over a socket", async () => {
    const id = await openDocument("rpc-replaced", "root");
    const { listener, subscription } = await joinByRpc(id, { client: "same" });
    const ann = await join(id, "same");
    await vi.waitFor(() => expect(listener.closes).toEqual([[4009, expect.any(String)]]));
    await subscription.leave();
    expect(await ann.write(update("root", { x: 1 }))).toMatchObject({ seq: 1 });
    expect(await countOf(id)).toBe(1);
  });

  test("is refused as a socket is: the frame says why", async () => {
    const id = await openDocument("rpc-refused", "root");
    const listener = new Listener();
    const input = JSON.parse('{"client":"not an id"}');
    await stubOf(id).join(listener, input);
    await vi.waitFor(() => expect(listener.closes).toEqual([[4010, expect.any(String)]]));
    expect(listener.heard).toMatchObject([{ type: "error", code: "protocol" }]);
    expect(await countOf(id)).toBe(0);
  });

  test("with what is no stub or no JSON is refused, and nobody else is disturbed", async () => {
    const id = await openDocument("rpc-malformed", "root");
    const ann = await join(id, "ann");
    const ask = (subscriber: unknown, input: unknown): Promise<unknown> =>
      runInDurableObject(stubOf(id), (instance) => Reflect.apply(instance.join, instance, [subscriber, input]));
    const refused = { ok: false, problem: { code: "invalid" } };
    expect(await ask({ receive: () => {}, closed: () => {} }, { client: "worker" })).toMatchObject(refused);
    expect(await ask(null, { client: "worker" })).toMatchObject(refused);
    const joined = await stubOf(id).join(new Listener(), { client: "worker", presence: JSON.parse("1") });
    expect(joined.ok).toBe(true);
    if (joined.ok) await Reflect.apply(joined.value.send, joined.value, [{ type: "leave" }]);
    await vi.waitFor(async () => expect(await countOf(id)).toBe(1));
    expect(await ann.write(update("root", { x: 1 }))).toMatchObject({ seq: 1 });
  });

  test("and lets go of the stub when it is gone", async () => {
    const id = await openDocument("rpc-let-go", "root");
    let disposed = 0;
    class Counted extends Listener {
      [Symbol.dispose](): void {
        disposed++;
      }
    }
    const { subscription } = await joinByRpc(id, { client: "worker" }, new Counted());
    expect(disposed).toBe(0);
    await subscription.leave();
    await vi.waitFor(() => expect(disposed).toBe(1));
  });

  test.each<[string, (subscription: Awaited<ReturnType<typeof joinByRpc>>["subscription"]) => unknown]>([
    ["leaves", (subscription) => subscription.leave()],
    ["disposes of its Subscription", (subscription) => subscription[Symbol.dispose]()],
  ])("and is gone when it %s", async (_, go) => {
    const id = await openDocument("rpc-gone", "root");
    await call("DELETE", topic(id));
    await openDocument("rpc-gone", "root");
    const ann = await join(id, "ann");
    const { subscription } = await joinByRpc(id, { client: "worker", presence: 1 });
    expect(await countOf(id)).toBe(2);
    await go(subscription);
    await ann.take("presence", ({ changes }) => Object.values(changes).includes(null));
    expect(await countOf(id)).toBe(1);
  });

  test("and is gone when its stub breaks: when what it is told fails", async () => {
    const id = await openDocument("rpc-broken", "root");
    const listener = new Listener();
    await joinByRpc(id, { client: "worker" }, listener);
    expect(await countOf(id)).toBe(1);
    listener.answer = () => {
      throw new Error("the Worker is broken");
    };
    await call("POST", `${topic(id)}/mutations`, { ops: [update("root", { x: 1 })] });
    await vi.waitFor(async () => expect(await countOf(id)).toBe(0));
    expect(await call("GET", topic(id))).toMatchObject({ state: "grace" });
  });

  test("and is gone when the object that joined is killed", async () => {
    const id = await openDocument("rpc-killed", "root");
    const other = await openDocument("rpc-killer", "root");
    const listener = new Listener();
    // The stubs belong to the context of the other object, and break with it.
    await runInDurableObject(stubOf(other), async () => {
      const joined = await stubOf(id).join(listener, { client: "worker" });
      expect(joined.ok).toBe(true);
    });
    expect(await countOf(id)).toBe(1);
    await runInDurableObject(stubOf(other), (_, state) => state.abort("killed")).catch(() => {});
    await vi.waitFor(async () => expect(await countOf(id)).toBe(0), { timeout: 4_000 });
  });

  test("L12 is told when the document is stopped", async () => {
    const id = await openDocument("rpc-stopped", "root");
    const { listener } = await joinByRpc(id, { client: "worker" });
    await call("POST", `${topic(id)}/stop`);
    await vi.waitFor(() => expect(listener.closes).toEqual([[4000, expect.any(String)]]));
    expect(await call("GET", topic(id))).toMatchObject({ subscriberCount: 0, state: "asleep" });
  });
});
