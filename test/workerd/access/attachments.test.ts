import { evictDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { LIMITS } from "../../../src/protocol/index.ts";
import { update } from "../../tree/document.ts";
import { openDocument, stubOf } from "../http-client.ts";
import { join } from "../socket-client.ts";

test.each(["€", "🌳", '"'])(
  "W14, S12 claims at their bounds, of %s, have room with all else at its bound",
  async (char) => {
    const id = await openDocument("bounds", "root");
    const witness = await join(id, "witness");
    const client = "c".repeat(128);
    // What is written in more bytes than any other a character may be.
    const presence = `${"x".repeat(LIMITS.presenceBytes - 5)}€`;
    const user = { id: char.repeat(128 / char.length), name: char.repeat(256 / char.length) };
    const principal = { user, role: "admin" as const, expires: 8.64e15, issued: 1.7976931348623157e308 };
    const full = await join(id, client, { presence, answersSyncs: false, principal });
    const lowered = await stubOf(id).revoke({ subscriber: full.welcome.subscriber, role: "write" });
    expect(lowered).toMatchObject({ ok: true });
    const largest = Number.MAX_SAFE_INTEGER;
    const repeat = (counters: readonly number[]) =>
      full.send({ type: "mutate", mutations: counters.map((mutation) => ({ mutation, ops: [] })) });
    repeat([largest]);
    await full.answer(largest);
    for (let index = 0; index < 24; index++)
      await witness.write(update("root", { x: String(index % 10).repeat(64 * 1024) }));
    repeat(Array.from({ length: 256 }, (_, index) => largest - 2 * index));
    full.send({ type: "sync", n: 0 });
    expect(await witness.write(update("root", { x: 1 }))).toMatchObject({ seq: 25 });
    await evictDurableObject(stubOf(id));
    expect((await join(id, "late")).welcome.presence).toEqual({ [full.welcome.subscriber]: { user, data: presence } });
  },
);
