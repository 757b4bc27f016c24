import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { expect, test, vi } from "vitest";
import { socketWire } from "../../../src/object/wire.ts";
import { topic } from "../../../src/protocol/index.ts";
import { update } from "../../tree/document.ts";
import { fillAttachment } from "../full-attachment.ts";
import { call, openDocument, stubOf } from "../http-client.ts";
import { join } from "../socket-client.ts";

test.each(["€", "🌳", '"'])(
  "W14, S12 claims at their bounds, of %s, have room with all else at its bound",
  async (char) => {
    const id = await openDocument("bounds", "root");
    const user = { id: char.repeat(128 / char.length), name: char.repeat(256 / char.length) };
    const principal = { user, role: "admin" as const, expires: 8.64e15, issued: 1.7976931348623157e308 };
    const { full, presence } = await fillAttachment(id, principal, async ({ welcome: { subscriber } }) => {
      const lowered = await stubOf(id).revoke({ subscriber, role: "write" });
      expect(lowered).toMatchObject({ ok: true });
    });
    await evictDurableObject(stubOf(id));
    expect((await join(id, "late")).welcome.presence).toEqual({ [full.welcome.subscriber]: { user, data: presence } });
  },
);

test("S12 what does not fit all the same closes one connection, and nobody else's", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const id = await openDocument("too-much", "root");
  const ann = await join(id, "ann");
  const odd = await join(id, "odd");
  await runInDurableObject(stubOf(id), (_, state) => {
    const [socket] = state.getWebSockets(odd.welcome.subscriber);
    if (!socket) throw new Error("it is connected");
    const user = { id: "odd", name: "n".repeat(16 * 1024) };
    const principal = { user, role: "read" as const };
    socketWire(state, socket).save({ id: odd.welcome.subscriber, principal, since: 0, heard: 0, joined: null });
  });
  expect(await odd.ended()).toMatchObject({ code: 1011 });
  expect(await ann.write(update("root", { x: 1 }))).toMatchObject({ seq: 1 });
  expect(await call("GET", topic(id))).toMatchObject({ subscriberCount: 1 });
  expect(log.mock.calls.flat().join(" ")).toContain("could not be saved");
  log.mockRestore();
});
