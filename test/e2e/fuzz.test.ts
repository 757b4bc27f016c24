import { expect, test } from "vitest";
import { ask } from "../hostile/ask.ts";
import { hostileFrame } from "../hostile/frames.ts";
import { createLeaks } from "../hostile/leaks.ts";
import { hostileRequest } from "../hostile/requests.ts";
import { fuzzServer } from "../hostile/run.ts";
import { SETTINGS, tokenOf } from "../hostile/tokens.ts";
import { seed } from "../support/seed.ts";
import { createRandom } from "./random.ts";
import { startWorkerd } from "./workerd-process.ts";

/** `npm run fuzz` sends seventy times as many. */
const COUNT = 3_000;

test("W73, W74 hostile frames and requests: the process lives, and nobody else notices", async () => {
  const { problems, frames, requests, ends, written, accepted } = await fuzzServer(seed, COUNT);
  console.info(`${frames} frames, ${requests} requests, ended with`, Object.fromEntries([...ends].sort()));
  expect(problems.join("\n\n")).toBe("");
  // All that it is about was met.
  expect(Math.min(frames, requests)).toBeGreaterThan(COUNT / 5);
  for (const end of ["200", "400", "401", "403", "404", "1000", "4001", "4003", "4010"]) {
    expect(ends.get(end) ?? 0, end).toBeGreaterThan(0);
  }
  expect(Math.min(written, accepted)).toBeGreaterThan(10);
});

test("W75 a request whose URL is none is invalid, and the log does not repeat it", async () => {
  const server = await startWorkerd({ vars: SETTINGS });
  try {
    for (const more of ["Host: b.example\r\n", "Host: b.example\r\nUpgrade: websocket\r\n", ""]) {
      const head = `GET /documents/plan?ticket=abc HTTP/1.1\r\nHost: a.example${more === "" ? "\\ud800" : ""}\r\nConnection: close\r\n${more}\r\n`;
      const { text } = await ask(Number(new URL(server.url).port), Buffer.from(head), true);
      expect(text).toMatch(/^HTTP\/1\.1 400 .*"code":"invalid"/s);
    }
    expect(server.log()).not.toContain("abc");
  } finally {
    await server.kill();
  }
});

test("W73 a seed repeats what is sent", () => {
  const frames = (of: number) => {
    const random = createRandom(of);
    return Array.from({ length: 200 }, (_, index) => hostileFrame(random, index).bytes.toString("latin1"));
  };
  const requests = (of: number) => {
    const random = createRandom(of);
    return Array.from({ length: 200 }, () => hostileRequest(random, "d", "a.b.c", false).bytes.toString("latin1"));
  };
  expect(frames(7)).toEqual(frames(7));
  expect(frames(7)).not.toEqual(frames(8));
  expect(requests(7)).toEqual(requests(7));
  expect(requests(7)).not.toEqual(requests(8));
});

test("W74 what gives something away is found", () => {
  const leaks = createLeaks({ "the secret": "hunter2hunter2" });
  const token = tokenOf("ann", "plan", "read");
  for (const text of [
    "it was hunter2hunter2!",
    `no token: ${token}`,
    new Error("x").stack ?? "",
    "    at handOver (worker.js:13310:44)",
    "at async worker.js:1409:25",
    "could not open file:///srv/secret",
  ]) {
    expect(leaks.find(`{"detail":${JSON.stringify(text)}}`), text).not.toBe(null);
  }
  for (const text of ["", "the token has expired", "there is no GET /documents/x/y", '{"at":12,"type":"item"}']) {
    expect(leaks.find(text), text).toBe(null);
  }
});
