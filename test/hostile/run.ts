import { createRandom } from "../e2e/random.ts";
import { isHealthy } from "../e2e/server-process.ts";
import { openWireClient, until, type WireClient } from "../e2e/wire-client.ts";
import { startWorkerd, type WorkerdProcess } from "../e2e/workerd-process.ts";
import {
  ARENA,
  createSent,
  describe,
  eventsOf,
  GUARDED,
  makeDocuments,
  outlineOf,
  readAtRest,
  type Sent,
} from "./documents.ts";
import { beHonest, type Honest } from "./honest.ts";
import { createLeaks, type Leaks } from "./leaks.ts";
import { play } from "./play.ts";
import { SECRET, SETTINGS, tokenOf } from "./tokens.ts";

/** What a run has sent, and what it has found. */
export interface Found {
  readonly frames: number;
  readonly requests: number;
  /** How often a play ended so: statuses and close codes. */
  readonly ends: ReadonlyMap<string, number>;
  /** Mutations of honest people that were answered meanwhile, and how long the slowest took, milliseconds. */
  readonly written: number;
  readonly slowest: number;
  /** Events in the document where all may write. */
  readonly accepted: number;
  /** Empty where all is well. */
  readonly problems: readonly string[];
}

/** At the same time. */
const PLACES = 16;
const HONEST = ["honest-0", "honest-1"];
/** Whoever has found so many has found enough. */
const MOST_PROBLEMS = 20;

/** Sends at least so many hostile frames and requests to a server of its own. */
export async function fuzzServer(
  seed: number,
  count: number,
  progress: (sent: number) => void = () => {},
): Promise<Found> {
  const server = await startWorkerd({ vars: SETTINGS });
  try {
    return await fuzz(server, seed, count, progress);
  } finally {
    await server.kill();
  }
}

async function fuzz(
  server: WorkerdProcess,
  seed: number,
  count: number,
  progress: (sent: number) => void,
): Promise<Found> {
  const { url } = server;
  const problems: string[] = [];
  const report = (problem: string) => void (problems.length < MOST_PROBLEMS && problems.push(problem));
  await makeDocuments(url);
  const before = await describe(url, GUARDED);
  const tokens = HONEST.map((name) => tokenOf(name, GUARDED, "write"));
  const leaks = createLeaks({
    "the secret": SECRET,
    "the Worker's files": server.directory,
    "this folder": process.cwd(),
    ...Object.fromEntries(tokens.map((token, index) => [`a token of ${HONEST[index]}`, token.split(".")[2] ?? token])),
  });
  const fail = ({ message }: Error) => report(message);
  const honest = HONEST.map((name, index) =>
    beHonest(createRandom(seed + index), { url, document: GUARDED, name, token: tokens[index] ?? "" }, fail),
  );
  const protocols = ["durable-grove.v1", `token.${tokenOf("observer", ARENA, "read")}`];
  const observer = openWireClient(url, ARENA, "observer", fail, { protocols });
  const sent = createSent();
  const field = { seed, url, port: Number(new URL(url).port), leaks, sent };

  const ends = new Map<string, number>();
  let [next, frames, requests] = [0, 0, 0];
  const attack = async (place: number) => {
    while (frames + requests < count && problems.length < MOST_PROBLEMS) {
      const number = next++;
      const played = await play(field, number, place);
      frames += played.frames;
      requests += played.requests;
      ends.set(played.end, (ends.get(played.end) ?? 0) + 1);
      if (played.problem !== null) report(`play ${number}: ${played.problem}`);
      progress(frames + requests);
    }
  };
  await Promise.all(Array.from({ length: PLACES }, (_, place) => attack(place)));

  if (!(await isHealthy(url)))
    return {
      frames,
      requests,
      ends,
      written: 0,
      slowest: 0,
      accepted: 0,
      problems: [...problems, "the server is gone", server.log().slice(-2_000)],
    };
  for (const each of honest) await each.finish();
  await checkGuarded(url, before, honest, report);
  const accepted = await checkArena(url, sent, observer, report);
  observer.close();
  for (const each of honest) each.client.close();
  checkLog(server.log(), leaks, report);
  return {
    ...{ frames, requests, ends, accepted, problems },
    written: honest.reduce((sum, each) => sum + each.written, 0),
    slowest: Math.max(...honest.map((each) => each.slowest)),
  };
}

/** Nobody but the honest has changed anything, and they have what the server has. */
async function checkGuarded(
  url: string,
  before: object,
  honest: readonly Honest[],
  report: (problem: string) => void,
): Promise<void> {
  const written = honest.reduce((sum, each) => sum + each.written, 0);
  const after = await describe(url, GUARDED);
  const kept = ({ incarnation, createdAt, options }: typeof after) =>
    JSON.stringify({ incarnation, createdAt, options });
  if (kept(after) !== kept({ ...after, ...before })) report(`the guarded document has become ${kept(after)}`);
  if (after.seq !== written)
    report(`the guarded document has seq ${after.seq}, and ${written} events are of honest people`);
  const events = await eventsOf(url, GUARDED);
  const strange = events.find(({ userId }) => !HONEST.includes(userId ?? ""));
  if (events.length !== written || strange)
    report(`a strange event among ${events.length}: ${JSON.stringify(strange)}`);
  const outline = await outlineOf(url, GUARDED);
  for (const { client } of honest) {
    await until(`${client.name} has heard all`, () => client.replica.seq === after.seq).catch(({ message }) =>
      report(message),
    );
    if (client.replica.outline() !== outline) report(`${client.name} has another tree than the server`);
    if (client.reconnects > 0) report(`${client.name} was thrown out ${client.reconnects} times`);
  }
}

/** Each event is a mutation that somebody has sent and that can be understood. */
async function checkArena(
  url: string,
  sent: Sent,
  observer: WireClient,
  report: (problem: string) => void,
): Promise<number> {
  const { seq, events, outline } = await readAtRest(url, ARENA);
  if (events.length !== seq) report(`the arena has seq ${seq} and ${events.length} events`);
  const strange = events.find((event) => !sent.has(event));
  if (strange) report(`nobody has sent what came to the event ${JSON.stringify(strange).slice(0, 500)}`);
  const counted = events.flatMap(({ client, mutation }) => (client === null ? [] : [`${client} ${mutation}`]));
  if (new Set(counted).size !== counted.length) report("a mutation came to two events");
  await until("the observer has heard all", () => observer.replica.seq === seq).catch(({ message }) => report(message));
  if (observer.replica.outline() !== outline) report("the observer has another tree than the server");
  return events.length;
}

/** What workerd says itself of an answer that is broken off, as an export has to be when its document is deleted: there is no other way to tell. */
const BROKEN_OFF =
  /^workerd\/\S+ error: Uncaught exception: \S+ failed: remote\.jsg\.Error: the export was broken off: /;
/** What the entry around the Worker prints for other tests; and that somebody went away in the middle of a body. */
const EXPECTED =
  /^(CONSTRUCTED|CHECKPOINT|(the body of an import broke off|the rest of a body did not come|a body broke off|a request failed): Error: Network connection lost\.)?$/;

function checkLog(log: string, leaks: Leaks, report: (problem: string) => void): void {
  const lines = log.split("\n").filter((line) => !EXPECTED.test(line) && !BROKEN_OFF.test(line));
  for (const line of lines) {
    const leak = leaks.find(line);
    report(leak === null ? `the log says: ${line.slice(0, 600)}` : `the log gives away ${leak}: ${line.slice(0, 600)}`);
  }
}
