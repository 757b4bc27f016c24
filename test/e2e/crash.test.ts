import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { seed, times } from "../support/seed.ts";
import { createAudit, type Finding, type Witness } from "./crash-audit.ts";
import { type Crew, startCrew } from "./crash-crew.ts";
import { createNames, randomMutation, START } from "./crash-mutations.ts";
import { GRACE_PERIOD, type Kill, planCrashes, SNAPSHOT_INTERVAL } from "./crash-plan.ts";
import { historyOf, treeOf } from "./http.ts";
import { openHttpWriter } from "./http-writer.ts";
import { createRandom } from "./random.ts";
import { withRemains } from "./remains.ts";
import { openWireClient, until, type WireClient } from "./wire-client.ts";
import { startWorkerd, type WorkerdProcess } from "./workerd-process.ts";

/** `FUZZ_RUNS` makes them fewer or more; `FUZZ_SEED` repeats moments and mutations, as far as the machine keeps its times. */
const KILLS = times(36);
/** As many mutations that were answered are sent once more after each restart, by each client. */
const REPEATED = 5;
const PATIENCE = 5_000;
/** An alarm that has passed while the process was dead comes soon after its start. */
const ALARM_PATIENCE = 1_000;
const document = "crashed";

let server: WorkerdProcess | undefined;
let crew: Crew | undefined;
let fresh: WireClient | undefined;
afterEach(async () => {
  await crew?.rest();
  for (const client of [...(crew?.clients ?? []), fresh]) client?.close();
  await server?.kill();
});

/** How often a kill met what it was meant for. */
const met = new Map<string, number>();
const note = (what: string, ...where: boolean[]) => {
  if (where.every(Boolean)) met.set(what, (met.get(what) ?? 0) + 1);
};

test("S1–S4, S7, D3, D4, H3 kill -9, again and again, while everybody writes: nothing is lost, nothing is there twice", async () => {
  const started = Date.now();
  const failures: Error[] = [];
  const fail = (failure: Error) => void failures.push(failure);
  const workerd = await startWorkerd({ snapshotInterval: SNAPSHOT_INTERVAL });
  server = workerd;
  const { url } = workerd;
  await create(url);

  const random = createRandom(seed);
  const names = createNames();
  const writing = startCrew(url, document, { seed, names, fail });
  crew = writing;
  const { clients, nobodyIsConnected } = writing;
  const caller = openHttpWriter(url, document, "caller");
  const witnesses = [...writing.witnesses, caller];
  const everyoneIsReady = () => {
    // A client that has met what cannot happen may never be ready again; why is what has to be told.
    expect(failures).toEqual([]);
    return writing.everyoneIsReady();
  };

  /** Waits for the moment of a kill, with everybody where they have to be; tells whether it is in a checkpoint. */
  const approach = async (kill: Kill): Promise<boolean> => {
    if (kill.kind !== "again") {
      await until("everyone is there", everyoneIsReady);
      for (const client of clients) client.repeat(REPEATED);
    }
    await sleep(kill.after);
    switch (kill.kind) {
      case "again":
      case "anywhere":
        return false;
      case "checkpoint":
        if (!(await workerd.checkpoint(PATIENCE))) throw new Error("nobody has heard of a checkpoint");
        // Even the shortest timer takes a millisecond.
        if (kill.late > 0) await sleep(kill.late);
        return true;
      case "nobody": {
        for (const client of clients) client.goAway(kill.how);
        await until("nobody is there", nobodyIsConnected);
        const ended = kill.gone === null ? workerd.checkpoint(4 * GRACE_PERIOD) : sleep(kill.gone, false);
        if (kill.call !== null) {
          await sleep(kill.call);
          // Not to be waited for: its answer comes, or the kill.
          void caller.mutate(randomMutation(random, caller.name, names));
        }
        return ended;
      }
    }
  };

  const audit = createAudit(START);
  const rounds = planCrashes(random, KILLS);
  let kills = 0;
  let last: Finding | null = null;
  for (const [round, { kills: list, back, empty }] of rounds.entries()) {
    for (const kill of list) {
      const inCheckpoint = await approach(kill);
      const connected = clients.filter(({ ready }) => ready);
      const onTheWay = connected.some(({ unanswered }) => unanswered > 0);
      await workerd.crash();
      kills++;
      await until("every connection ends", nobodyIsConnected);
      const when = `after kill ${kills}, ${JSON.stringify(kill)}, FUZZ_SEED=${seed}`;
      const found = await withRemains(workerd.storage, (remains) => audit.look(remains, witnesses)).catch((cause) => {
        throw new Error(`${when}: ${cause}`, { cause });
      });
      expect(found.problems, when).toEqual([]);
      expect(failures).toEqual([]);

      note("with mutations on the way", onTheWay);
      note("between a commit and its answer", found.unheard > 0);
      note("with a checkpoint since the last one", found.checkpointSeq > (last?.checkpointSeq ?? 0));
      // One that was not finished has left the one before it.
      const recent = found.sinceCheckpoint < SNAPSHOT_INTERVAL / 2;
      note("in a checkpoint", inCheckpoint, !recent);
      note("right after a checkpoint", inCheckpoint, recent);
      note("with nobody there", connected.length === 0);
      if (kill.kind === "nobody") {
        note("in a grace period", kill.gone !== null, Number(kill.gone) < GRACE_PERIOD);
        note("after a grace period", kill.gone !== null, Number(kill.gone) >= GRACE_PERIOD);
        note("in or right after the checkpoint at the end of a grace period", kill.gone === null, inCheckpoint);
      }
      note("with everything in its rows", found.checkpointSeq === found.seq);
      note("right after another", kill.kind === "again");
      last = found;
      clients[empty]?.forget();
      await workerd.restart();
    }
    await sleep(back);
    for (const client of clients) client.comeBack();
    // What the caller has no answer to waits for another kill at times.
    if (round % 2 === 0) await caller.again();
  }

  await until("everyone is there", everyoneIsReady);
  await writing.rest();
  await until("every answer", () => clients.every(({ unanswered }) => unanswered === 0));
  for (const client of clients) client.repeat(Number.POSITIVE_INFINITY);
  await until("every answer once more", () => clients.every(({ unrepeated }) => unrepeated === 0));
  while (caller.unanswered > 0) await caller.again();
  await expectHistory(url, witnesses);

  const tree = await treeOf(url, document);
  const newcomer = openWireClient(url, document, "fresh", fail);
  fresh = newcomer;
  await until("the fresh one is there", () => newcomer.ready);
  for (const { name, replica } of [newcomer, ...clients]) {
    await until(`${name} has everything`, () => replica.seq === newcomer.replica.seq);
    expect(replica.outline(), name).toBe(tree);
    expect(replica.problems(), name).toEqual([]);
  }

  // A document whose process dies in its grace period has nobody to wake it any more, but its alarm.
  clients[0]?.mutate([{ op: "update", id: "root", attrs: { last: true } }]);
  await until("the last answer", () => clients.every(({ unanswered }) => unanswered === 0));
  for (const client of [newcomer, ...clients]) client.goAway("leave");
  await until("nobody is there", () => nobodyIsConnected() && !newcomer.connected);
  await workerd.crash();
  await workerd.restart();
  await sleep(GRACE_PERIOD + ALARM_PATIENCE);
  await workerd.crash();
  const end = await withRemains(workerd.storage, (remains) => audit.look(remains, witnesses));
  expect(end.problems).toEqual([]);
  expect(end.checkpointSeq, "asleep, with everything in its rows").toBe(end.seq);
  expect(failures).toEqual([]);

  const mutations = witnesses.reduce((sum, { answers }) => sum + answers.size, 0);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const report = [...met].map(([what, count]) => `\n  ${count} ${what}`).join("");
  console.log(`${kills} kills, ${mutations} mutations, ${end.seq} events, ${seconds} s; kills:${report}`);
  const least = (share: number, ...what: string[]) => {
    for (const each of what) expect(met.get(each) ?? 0, each).toBeGreaterThanOrEqual(Math.round(share * kills));
  };
  least(0.3, "with mutations on the way", "with a checkpoint since the last one");
  least(0.1, "with nobody there", "between a commit and its answer");
  least(0.04, "in a checkpoint", "with everything in its rows", "right after another");
  least(0.02, "right after a checkpoint", "in a grace period", "after a grace period");
  least(0.01, "in or right after the checkpoint at the end of a grace period");
}, 300_000);

async function create(url: string): Promise<void> {
  const options = { gracePeriod: GRACE_PERIOD };
  const body = JSON.stringify({ tree: START, options });
  const response = await fetch(`${url}/documents/${document}`, { method: "PUT", body });
  if (response.status !== 201) throw new Error(`PUT: ${response.status} ${await response.text()}`);
}

/** S1, S3, S4: what was accepted is in the history once, as it was acknowledged, and nothing else is. */
async function expectHistory(url: string, witnesses: readonly Witness[]): Promise<void> {
  const history = await historyOf(url, document);
  expect(history.map(({ seq }) => seq)).toEqual(history.map((_, index) => index + 1));
  let accepted = 0;
  for (const { name, answers } of witnesses) {
    const told = [...answers].flatMap(([mutation, answer]) => ("seq" in answer ? [{ mutation, seq: answer.seq }] : []));
    const found = history.filter(({ client }) => client === name).map(({ mutation, seq }) => ({ mutation, seq }));
    expect(found, name).toEqual(told.sort((one, other) => one.mutation - other.mutation));
    accepted += told.length;
  }
  expect(history.length).toBe(accepted);
}
