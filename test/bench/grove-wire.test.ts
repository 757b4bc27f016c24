import { expect, test } from "vitest";
import { protocol } from "../../bench/load/grove.ts";

const hear = (message: object) => protocol.converse("me").hear(Buffer.from(JSON.stringify(message)));

test("a mutation that changes nothing is answered, and brings nothing", () => {
  const heard = hear({ type: "unchanged", mutation: 3, seq: 7 });
  expect(heard).toEqual({ joined: false, acknowledged: 1, delivered: 0, reply: null });
});

test("a restore that carries no content is an event like any other", () => {
  const ops = [{ op: "move", id: "a", parent: "root", after: null, restores: 4, beside: "b" }];
  const event = { seq: 0, time: 1, client: "me", mutation: 2, userId: null, ops };
  expect(hear({ type: "delta", events: [event] })).toEqual({
    joined: false,
    acknowledged: 1,
    delivered: 1,
    reply: null,
  });
});
