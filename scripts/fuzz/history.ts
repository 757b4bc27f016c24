import { KINDS, type Kind, sweep } from "../../test/history/sweep.ts";

/** Histories of a whole run, of each kind. */
const WHOLE = 5_000;
const PROGRESS = 500;

/** Plays random histories, and asks for all that a history tells and takes back; says whether all of it was right. */
export function fuzzHistory(seed: number, share: number): boolean {
  let isWell = true;
  for (const kind of Object.keys(KINDS).filter(isKind)) {
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1_000;
    let count = 0;
    const { runs, wrong } = sweep(kind, seed, Math.ceil(WHOLE * share), () => {
      count += 1;
      if (count % PROGRESS === 0) console.error(`${count} ${kind}, ${(count / seconds()).toFixed(0)} a second`);
    });
    for (const each of wrong) console.log(`\n${each}\n`);
    console.log(`${runs} ${kind} (${seconds().toFixed(0)} s): ${wrong.length > 0 ? "rules broken" : "all well"}`);
    isWell &&= wrong.length === 0;
  }
  return isWell;
}

function isKind(name: string): name is Kind {
  return Object.hasOwn(KINDS, name);
}
