import { sweep } from "../../test/text/sweep.ts";

const PROGRESS = 100_000;

/** Checks 1 000 000 triples of lists of steps, as many of changes, and 100 000 runs of three clients; a share of it below 1. */
export async function fuzzText(seed: number, share: number): Promise<boolean> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1_000;
  let count = 0;
  const { runs, wrong } = sweep(seed, share, () => {
    count += 1;
    if (count % PROGRESS === 0) console.error(`${count} runs, ${(count / seconds()).toFixed(0)} a second`);
  });
  for (const each of wrong) console.log(`\n${each}\n`);
  console.log(`${runs} runs (${seconds().toFixed(0)} s): ${wrong.length > 0 ? "rules broken" : "all well"}`);
  return wrong.length === 0;
}
