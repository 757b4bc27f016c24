import { describe, expect, it } from "vitest";
import { countAnswer, isJoined, type Subscriber } from "../../src/session/subscriber.ts";
import { createSubscribers } from "../../src/session/subscribers.ts";
import { createTurns } from "../../src/session/turns.ts";
import type { StoredDocument } from "../../src/storage.ts";
import { openTestSql } from "../support/node-sqlite.ts";
import { createWriter } from "../support/writer.ts";
import { PLAIN } from "../tree/outline.ts";
import { WRITER } from "./room.ts";

/** A document too large for what a socket may be sent at once, that counts who holds it frozen. */
function watchedDocument(): { stored: StoredDocument; held: () => number } {
  const attrs = { text: "x".repeat(300_000) };
  const children = Array.from({ length: 10 }, (_, index) => ({ id: `n${index}`, type: PLAIN, attrs }));
  const { stored } = createWriter(openTestSql(), { id: "root", type: PLAIN, children });
  let held = 0;
  const freeze = () => {
    held++;
    const frozen = stored.nodes.freeze();
    const release = () => {
      held--;
      frozen.release();
    };
    return { ...frozen, release };
  };
  return { stored: { ...stored, nodes: { ...stored.nodes, freeze } }, held: () => held };
}

/** Someone who is being sent a snapshot, as far as that goes without an answer. */
function begin(document: StoredDocument): { subscribers: ReturnType<typeof createSubscribers>; reader: Subscriber } {
  const reader: Subscriber = {
    id: "s1",
    principal: WRITER,
    since: 0,
    heard: 0,
    joined: {
      client: "ann",
      incarnation: "incarnation",
      presence: null,
      flow: { bytes: 0, asked: 0, unanswered: [] },
      feed: { is: "snapshot", mutation: 0, since: null },
      owed: [],
      misses: null,
      keeps: 0,
    },
  };
  const subscribers = createSubscribers([reader], createTurns());
  if (isJoined(reader)) subscribers.pump(reader, document, 0);
  return { subscribers, reader };
}

describe("a snapshot under way holds the tree frozen", () => {
  it("S8 until its last part was sent", () => {
    const { stored, held } = watchedDocument();
    const { subscribers, reader } = begin(stored);
    expect(held()).toBe(1);
    if (!isJoined(reader)) return;
    for (let answers = 0; held() > 0; answers++) {
      expect(answers).toBeLessThan(20);
      countAnswer(reader.joined.flow, reader.joined.flow.asked);
      subscribers.pump(reader, stored, 0);
    }
    expect(reader.joined.feed.is).not.toBe("snapshot");
  });

  it("S8 S9 until its reader goes, or is closed", () => {
    const { stored, held } = watchedDocument();
    begin(stored).subscribers.remove("s1");
    expect(held()).toBe(0);
    const { subscribers, reader } = begin(stored);
    expect(held()).toBe(1);
    subscribers.fail(reader, "tooSlow", "");
    expect(held()).toBe(0);
  });

  it("S9 until its reader has not answered for 30 s", () => {
    const { stored, held } = watchedDocument();
    const { subscribers } = begin(stored);
    subscribers.settle(stored, 30_000);
    expect(held()).toBe(1);
    subscribers.settle(stored, 30_001);
    expect(held()).toBe(0);
  });
});
