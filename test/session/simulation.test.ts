import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { Principal } from "../../src/protocol/index.ts";
import { runs } from "../support/seed.ts";
import { passTime } from "./clock.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { createNetwork, type Network } from "./network.ts";
import { type Action, anyScript, atFullLength, firstTree, type Script } from "./script.ts";
import { createServer, type TestServer } from "./server.ts";
import { expectTruth } from "./truth.ts";

const RUNS = 120;
const counts = new Map<string, number>();
const note = (what: string) => void counts.set(what, (counts.get(what) ?? 0) + 1);

/** One belongs to nobody, one may only read. */
const PRINCIPALS: readonly Principal[] = [
  { user: { id: "u0", name: "Ann" }, role: "write" },
  { user: null, role: "write" },
  { user: { id: "u2" }, role: "write" },
  { user: { id: "u2" }, role: "write" },
  { user: null, role: "read" },
];

describe("simulated sessions", { timeout: 300_000 }, () => {
  it("S1–S15, W7, W8, D4, L1–L6, D12: whatever happens to connections, memory and storage, all agree in the end", () => {
    const limit = { interruptAfterTimeLimit: 200_000, markInterruptAsFailure: true };
    fc.assert(fc.property(anyScript, simulate), { ...runs(RUNS), ...limit });
  });

  it("met everything that they are about", () => {
    const least = (count: number, ...names: string[]) => {
      for (const name of names) expect(counts.get(name) ?? 0, name).toBeGreaterThanOrEqual(count);
    };
    least(RUNS, "evict", "cut", "snapshot", "resume by delta", "rejection: exists", "rejection: notFound");
    least(RUNS / 2, "crash", "stop", "storage failed", "duplicate", "sent again or late", "resume, nothing missed");
    least(RUNS / 4, "redirected", "removed", "rejection: cycle", "rejection: forbidden");
    least(RUNS / 8, "rescued");
    least(RUNS / 20, "rejection: removed");
    least(RUNS / 4, "event again", "rejection again", "server closes 4009");
    least(RUNS / 20, "paused");
    least(RUNS / 40, "server closes 4008");
    least(RUNS / 2, "checkpoint by alarm", "sweep", "alarm late");
    least(RUNS / 4, "grace ends", "join cancels grace");
    least(RUNS / 4, "alarm early", "alarm lost", "alarm after evict", "alarm after crash", "history let go");
    least(1, "told as done");
  });

  afterAll(() => console.info("the sessions met", Object.fromEntries([...counts].sort())));
});

/** What happens, and who writes it down. */
interface Stage {
  readonly server: TestServer;
  readonly network: Network;
  readonly ledger: Ledger;
}

function simulate({ clients, slow, heavy, options, actions }: Script): void {
  const ledger = createLedger(note);
  const server = createServer(ledger.sql);
  server.ask((calls, now) => calls.getOrStart({ tree: firstTree(heavy), options }, now));
  const network = createNetwork(server, note);
  for (const [index, principal] of PRINCIPALS.slice(0, clients).entries()) {
    const peer = network.add(`client${index}`, principal);
    peer.replica.answering(index >= slow);
    network.connect(peer);
  }
  ledger.observe("begin");
  const stage = { server, network, ledger };
  for (const action of actions) {
    act(stage, action);
    ledger.observe(action.do === "ring" ? "alarm" : action.do);
  }
  comeToRest(stage);
  expectTruth(server, network, ledger, note);
  expectSleep(stage);
  for (let each = 0; each < server.failures; each++) note("storage failed");
  server.sql.close();
}

function act({ server, network, ledger }: Stage, action: Action): void {
  const { peers } = network;
  const peer = "who" in action ? peers[action.who % peers.length] : undefined;
  switch (action.do) {
    case "mutate":
      peer?.replica.mutate(atFullLength(action.ops), action.lag);
      break;
    case "presence":
      peer?.replica.setPresence(action.data);
      break;
    case "stall":
    case "answer":
      peer?.replica.answering(action.do === "answer");
      break;
    case "deliver":
      if (peer) network.deliver(peer, action.up, action.down);
      break;
    case "deliver all":
      for (const each of peers) network.deliver(each, 100, 100);
      break;
    case "connect":
      if (peer) network.connect(peer);
      break;
    case "cut":
      if (peer?.connection) note("cut");
      if (peer) network.cut(peer, action.up, action.down);
      break;
    case "linger":
      if (peer) network.linger(peer, action.up);
      break;
    case "duplicate":
      if (peer && network.duplicate(peer)) note("duplicate");
      break;
    case "wait":
      // The timer is late, as timers are.
      server.now += action.milliseconds;
      break;
    case "pass":
      passTime(server, action.milliseconds, () => ledger.observe("alarm"));
      break;
    case "ring":
      if (action.after === "evict") fireAll(server, ledger);
      if (action.after === "evict") server.evict();
      if (action.after === "loss") server.loseAlarm();
      if (action.after === "crash" || action.after === "loss") network.sever();
      if (action.after === "loss") note("alarm lost");
      if (server.alarm === null) break;
      note(action.late === null ? "alarm early" : "alarm late");
      note(`alarm after ${action.after}`);
      if (action.late !== null) server.now = Math.max(server.now, server.alarm + action.late);
      server.ring();
      break;
    case "ping":
      if (peer?.connection) server.pings.set(peer.connection.id, server.now);
      break;
    case "fire":
      fire(server);
      break;
    case "call":
      server.ask((calls, now) => calls.mutate({ ops: atFullLength(action.ops) }, { user: null, role: "write" }, now));
      break;
    case "evict":
      fireAll(server, ledger);
      server.evict();
      note("evict");
      break;
    case "crash":
      network.sever();
      note("crash");
      break;
    case "stop":
      server.ask((calls, now) => calls.stop(now));
      note("stop");
      break;
    case "fault":
      server.sql.failAt(action.at);
      break;
  }
  if (peer) network.flush(peer);
}

function fire(server: TestServer): void {
  server.now = Math.max(server.now, server.due ?? 0);
  server.fire();
}

function fireAll(server: TestServer, ledger: Ledger): void {
  for (let rounds = 0; server.due !== null; rounds++) {
    if (rounds > 100) throw new Error("the commit window never closes");
    fire(server);
    ledger.observe("fire");
  }
}

/** Connects everyone and delivers everything, until nothing moves any more. */
function comeToRest({ server, network, ledger }: Stage): void {
  server.sql.failAt(null);
  for (let round = 0; round < 1_000; round++) {
    let moved = 0;
    for (const peer of network.peers) {
      while (peer.lingering.length > 0) moved += network.linger(peer, 100) + 1;
      peer.replica.answering(true);
      network.connect(peer);
      network.flush(peer);
      moved += network.deliver(peer, 1_000, 1_000);
    }
    if (server.due !== null) moved++;
    ledger.observe("rest");
    fireAll(server, ledger);
    if (moved === 0) return;
  }
  throw new Error("the session does not come to rest");
}

/** L3: when everyone is gone the document falls asleep by itself, with everything in its checkpoint and no alarm. */
function expectSleep({ server, network, ledger }: Stage): void {
  for (const peer of network.peers) {
    network.cut(peer, 0, 0);
    network.linger(peer, 1);
  }
  fireAll(server, ledger);
  passTime(server, 3_600_000);
  expect([server.alarm, server.open()]).toEqual([null, []]);
  const info = server.ask((calls, now) => calls.info(now));
  const seq = ledger.entries.length;
  expect(info).toMatchObject({ value: { state: "asleep", subscriberCount: 0, seq, checkpointSeq: seq } });
}
