import { type ClientRequest, request } from "node:http";
import type { Operation } from "../../../src/tree/index.ts";
import { LARGE, many } from "../document.ts";
import type { Attack } from "../kinds.ts";
import type { Rude } from "../rude.ts";

// Bodies, answers and streams.

const MiB = 1024 * 1024;

/** A body of about 25 MB: a tree of many nodes. */
function treeBody(): string {
  const children = Array.from({ length: 300_000 }, (_, index) => ({
    type: "row",
    attrs: { text: `node ${index} ${"x".repeat(38)}` },
  }));
  return JSON.stringify({ tree: { id: "root", type: "page", children } });
}

/** Sends this much of a body that is said to be longer, and no more. */
function sendUnended(rude: Rude, method: string, path: string, bytes: number): ClientRequest {
  const asking = request(rude.url + path, { method, agent: false, headers: { "transfer-encoding": "chunked" } });
  asking.on("response", (response) => {
    rude.saw(String(response.statusCode));
    response.resume();
  });
  asking.on("error", () => rude.told("broken off"));
  const chunk = Buffer.alloc(MiB, 0x20);
  void (async () => {
    for (let sent = 0; sent < bytes && !rude.over; sent += chunk.length) {
      if (asking.destroyed) return;
      await new Promise((resolve) => asking.write(chunk, resolve));
    }
  })();
  return asking;
}

/** Asks and takes nothing of what comes. */
export function askDeaf(rude: Rude, path: string): void {
  const asking = request(rude.url + path, { agent: false });
  asking.on("response", (response) => {
    rude.saw(String(response.statusCode));
    response.pause();
    response.on("error", () => rude.told("broken off"));
    response.on("aborted", () => rude.told("broken off"));
  });
  asking.on("error", () => rude.told("no answer"));
  asking.end();
}

const all = <T>(count: number, make: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

export const http: readonly Attack[] = [
  {
    name: "put-existing",
    title: "PUT of 25 MB to a document that exists, again and again",
    async attack(rude) {
      const body = treeBody();
      while (!rude.over) if ((await rude.ask("PUT", "", body)) === 0) await rude.pause(100);
    },
  },
  {
    name: "bodies",
    title: "10 bodies of 32 MB at once, again and again",
    async attack(rude) {
      const body = JSON.stringify({
        ops: [{ op: "update", id: "root", attrs: { a: 1 } }],
        meta: {},
        more: "x".repeat(31 * MiB),
      });
      await all(10, async () => {
        while (!rude.over) if ((await rude.ask("POST", "/mutations", body)) === 0) await rude.pause(100);
      });
    },
  },
  {
    name: "bodies-endless",
    title: "20 bodies of 31 MB that never end",
    async attack(rude) {
      const bodies = Array.from({ length: 20 }, () => sendUnended(rude, "POST", "/mutations", 31 * MiB));
      await rude.until(() => bodies.every(({ destroyed }) => destroyed));
    },
  },
  {
    name: "answers-unread",
    title: "20 trees of 31 MB that nobody reads",
    lines: () => many(31, LARGE),
    async attack(rude) {
      for (let index = 0; index < 20 && !rude.over; index++) {
        askDeaf(rude, "/tree");
        await rude.pause(300);
      }
    },
  },
  {
    name: "exports",
    title: "8 × HEAD of an export, 8 exports that nobody reads, then an honest one each second",
    lines: () => many(31, LARGE),
    async attack(rude) {
      await all(8, () => rude.ask("HEAD", "/export"));
      for (let count = 0; !rude.over; count++) {
        const status = await rude.ask("GET", "/export");
        if (status === 200) rude.saw("export: 200");
        if (count === 1) for (let index = 0; index < 8; index++) askDeaf(rude, "/export");
        await rude.pause(1_000);
      }
    },
  },
  {
    name: "retention",
    title: "PATCH historyRetention: 0 over a log with commits of 31 MB",
    lines: () => many(31, LARGE),
    async prepare(rude) {
      const by = await rude.join("past", { held: await rude.held() });
      for (let round = 0; round < 10; round++) {
        const ops: Operation[] = Array.from({ length: 31 }, (_, index) => ({
          op: "update",
          id: `n${index}`,
          unset: ["text"],
        }));
        await rude.commit(by, [{ ops }]);
        await rude.commit(by, [{ ops: [{ op: "undo", mutations: [by.answers] }] }]);
      }
      by.close();
    },
    async attack(rude) {
      await rude.ask("PATCH", "", JSON.stringify({ options: { historyRetention: 0 } }));
      await rude.pause(3_000);
    },
  },
  {
    name: "interval",
    title: "PATCH snapshotInterval: 100, and an update every 50 ms",
    lines: () => many(100, 20),
    async attack(rude) {
      await rude.ask("PATCH", "", JSON.stringify({ options: { snapshotInterval: 100 } }));
      const by = await rude.join("rude", { held: await rude.held() });
      for (let count = 0; !rude.over; count++) {
        by.mutate([{ ops: [{ op: "update", id: `n${count % 100}`, attrs: { a: count } }] }]);
        await rude.pause(50);
      }
    },
  },
];
