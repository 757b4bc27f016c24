import { reportOf, sweep } from "../../test/fuzz/sweep.ts";

const PROGRESS = 5_000;

/** Checks undo in every pair and triple of acts of two people, and in 20 000 random scripts of three; a share of it below 1. */
export async function fuzzTree(seed: number, share: number): Promise<boolean> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1_000;
  const found = await sweep(seed, share, (runs) => {
    if (runs % PROGRESS === 0) console.error(`${runs} runs, ${(runs / seconds()).toFixed(0)} a second`);
  });
  const report = reportOf(found);
  console.log("met", Object.fromEntries([...found.met].sort()));
  if (report) console.log(`\n${report}\n`);
  const runs = found.enumerated + found.random;
  const speed = `${seconds().toFixed(0)} s, ${(runs / seconds()).toFixed(0)} a second`;
  console.log(
    `${found.enumerated} enumerated, ${found.random} random (${speed}): ${report ? "rules broken" : "all well"}`,
  );
  return !report;
}
