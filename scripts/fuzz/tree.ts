import { chooseSeed, reportOf, sweep } from "../test/fuzz/sweep.ts";

const USAGE = `node scripts/fuzz.ts [seed] [share]
Checks undo in every pair and triple of acts of two people, and in 20 000 random scripts of three.
  seed   a number that repeats a run; else FUZZ_SEED, else a new one
  share  how much of it, 0.1 for a tenth; default 1`;

const PROGRESS = 5_000;

async function main([seedText, shareText = "1"]: readonly string[]): Promise<number> {
  const seed = seedText === undefined ? chooseSeed() : Number(seedText);
  const share = Number(shareText);
  if (!Number.isInteger(seed) || !(share > 0 && share <= 1)) {
    console.error(USAGE);
    return 2;
  }
  console.log(`FUZZ_SEED=${seed}`);
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
  return report ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
