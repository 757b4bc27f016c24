import { type Kind, sweep } from "../../test/client/text/sweep.ts";

const PROGRESS: Readonly<Record<Kind, number>> = { meetings: 100_000, crowds: 10_000, streets: 1_000 };

/** Three people write, split and join in the same rows at random; says whether all agreed and nothing was lost. */
export async function fuzzClients(seed: number, share: number): Promise<boolean> {
  let isWell = true;
  for (const kind of ["meetings", "crowds", "streets"] as const) {
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1_000;
    let count = 0;
    const { runs, wrong, met } = await sweep(kind, seed, share, () => {
      count += 1;
      if (count % PROGRESS[kind] === 0) console.error(`${count} ${kind}, ${(count / seconds()).toFixed(0)} a second`);
    });
    console.log("met", Object.fromEntries([...met].sort()));
    for (const each of wrong) console.log(`\n${each}\n`);
    console.log(`${runs} ${kind} (${seconds().toFixed(0)} s): ${wrong.length > 0 ? "rules broken" : "all well"}`);
    isWell &&= wrong.length === 0;
  }
  return isWell;
}
