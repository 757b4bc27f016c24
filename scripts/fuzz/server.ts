import { fuzzServer } from "../../test/hostile/run.ts";

/** The frames and requests of a whole run. */
const ALL = 210_000;
const PROGRESS = 20_000;

/** Sends hostile frames and requests to a real server; a share of them below 1. */
export async function fuzzTheServer(seed: number, share: number): Promise<boolean> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1_000;
  let next = PROGRESS;
  const found = await fuzzServer(seed, Math.ceil(ALL * share), (sent) => {
    if (sent < next) return;
    next += PROGRESS;
    console.error(`${sent} sent, ${(sent / seconds()).toFixed(0)} a second`);
  });
  const { frames, requests, written, slowest, accepted, problems } = found;
  console.log("ended with", Object.fromEntries([...found.ends].sort()));
  for (const problem of problems) console.log(`\n${problem}`);
  console.log(
    `${frames} frames, ${requests} requests (${seconds().toFixed(0)} s), ${accepted} of their mutations valid; beside them ` +
      `${written} mutations of others, the slowest ${slowest.toFixed(0)} ms: ${problems.length > 0 ? "not well" : "all well"}`,
  );
  return problems.length === 0;
}
