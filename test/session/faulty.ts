import { expect } from "vitest";
import type { Result } from "../../src/protocol/index.ts";
import type { Calls, Task } from "../../src/session.ts";
import { entriesOf } from "../../src/storage/log.ts";
import type { Operation } from "../../src/tree/index.ts";
import { createReplica, type Replica } from "../support/replica.ts";
import { problemsOf, treeAtOnce } from "../support/stored.ts";
import { look } from "../support/writer.ts";
import { outline } from "../tree/outline.ts";
import { openRoom, type Room, type Visitor, WRITER } from "./room.ts";
import type { TestServer } from "./server.ts";

/** A session over storage that fails now and then: everything is tried again until it has succeeded, as a client would. */
export interface Script {
  readonly room: Room;
  readonly server: TestServer;
  /** Makes a client join, or join again. */
  join(client: string): void;
  leave(client: string): void;
  /** One mutation by a client, until it is answered. The answer: `accepted`, or the code of its rejection. */
  mutate(client: string, ...ops: Operation[]): string;
  /** The same by HTTP. */
  post(client: string, ...ops: Operation[]): string;
  /** A call, until storage has not failed. */
  call<T>(work: (calls: Calls, now: number) => T): T;
  /** The same for one that may take many turns. */
  ask<T>(work: (calls: Calls, now: number) => Task<T>): Result<T>;
  /** Lets time pass, with every alarm that comes. */
  rest(milliseconds: number): void;
  evict(): void;
  /** Everything that was acknowledged is stored, and the tree is sound. */
  expectKept(): void;
}

interface Member {
  visitor: Visitor;
  readonly replica: Replica;
}

export function createScript(): Script {
  const room = openRoom();
  const { server } = room;
  const members = new Map<string, Member>();
  /** The text of each event that anyone was told, by seq. */
  const told = new Map<number, string>();
  const answers = new Map<string, string>();
  const counters = new Map<string, number>();
  const count = (client: string) => {
    const next = (counters.get(client) ?? 0) + 1;
    counters.set(client, next);
    return next;
  };
  let acknowledged = 0;
  let failures = 0;

  const hear = (client: string, { visitor, replica }: Member) => {
    for (const message of visitor.hear()) {
      if (message.type === "delta") {
        for (const event of message.events) {
          const text = JSON.stringify(event);
          expect(told.get(event.seq) ?? text, `S4 what was told of seq ${event.seq}`).toBe(text);
          told.set(event.seq, text);
          acknowledged = Math.max(acknowledged, event.seq);
          if (event.client === client) answers.set(`${client} ${event.mutation}`, "accepted");
        }
      }
      if (message.type === "reject") answers.set(`${client} ${message.mutation}`, message.code);
      if (message.type !== "error") replica.hear(message);
    }
  };
  const hearAll = () => {
    for (const [client, member] of members) hear(client, member);
  };
  const enter = (client: string): Member => {
    const known = members.get(client);
    if (known && !known.visitor.closed) return known;
    const replica = known?.replica ?? createReplica();
    const { incarnation, seq } = replica;
    const resume = incarnation === undefined ? {} : { incarnation, seq };
    const member = { visitor: room.join(client, resume), replica };
    members.set(client, member);
    hear(client, member);
    return member;
  };
  const again = <T>(what: string, attempt: () => T | undefined): T => {
    for (let round = 0; round < 4; round++) {
      const result = attempt();
      hearAll();
      if (server.failures > failures) {
        failures = server.failures;
        script.expectKept();
      }
      if (result !== undefined) return result;
    }
    throw new Error(`${what} never succeeds`);
  };

  const script: Script = {
    room,
    server,
    join: (client) => void again(`${client} joins`, () => (enter(client).replica.caughtUp ? true : undefined)),
    leave(client) {
      members.get(client)?.visitor.drop();
      members.delete(client);
    },
    mutate(client, ...ops) {
      const mutation = count(client);
      return again(`a mutation by ${client}`, () => {
        const member = enter(client);
        member.visitor.send({ type: "mutate", mutations: [{ mutation, ops }] });
        room.settle();
        hear(client, member);
        return answers.get(`${client} ${mutation}`);
      });
    },
    post(client, ...ops) {
      const mutation = count(client);
      const answer = script.ask((calls, now) => calls.mutate({ client, mutation, ops }, WRITER, now));
      if (answer.ok) acknowledged = Math.max(acknowledged, answer.value.seq);
      return answer.ok ? "accepted" : answer.problem.code;
    },
    call: (work) => again("a call", () => server.call(work)),
    ask: (work) => again("a call", () => server.ask(work)),
    rest(milliseconds) {
      const until = server.now + milliseconds;
      for (let alarms = 0; server.alarm !== null && server.alarm <= until; alarms++) {
        expect(alarms).toBeLessThan(50);
        room.wait(Math.max(0, server.alarm - server.now));
        server.ring();
        again("an alarm", () => true);
      }
      room.wait(until - server.now);
    },
    evict() {
      server.evict();
    },
    expectKept() {
      const stored = look(server.sql);
      if (!stored) return expect([acknowledged, told.size], "nothing was told of what is not there").toEqual([0, 0]);
      expect(problemsOf(server.sql, stored)).toEqual([]);
      expect(stored.seq).toBeGreaterThanOrEqual(acknowledged);
      const logged = new Map(
        [...stored.log.after(0)].flatMap(entriesOf).map(({ inverse: _, ...event }) => [event.seq, event]),
      );
      expect([...logged.keys()]).toEqual(
        Array.from({ length: stored.seq - stored.historyFrom + 1 }, (_, index) => stored.historyFrom + index),
      );
      for (const [seq, text] of told) {
        if (seq >= stored.historyFrom) expect(JSON.stringify(logged.get(seq)), `seq ${seq}`).toBe(text);
      }
      for (const { replica } of members.values()) {
        const view = replica.incarnation === undefined ? null : treeAtOnce(stored, replica.seq);
        if (view && replica.caughtUp) expect(replica.outline()).toBe(outline(view));
      }
    },
  };
  return script;
}
