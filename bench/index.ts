import { benchTree } from "./tree.ts";

// `npm run bench`, or `npm run bench -- smoke` to see only that it works.
const smoke = process.argv.includes("smoke");
const seed = 20_261_122;

console.log(`tree core, node ${process.version}, seed ${seed}`);
for (const size of smoke ? [100] : [10_000, 100_000]) {
  for (const { operation, rate, bar } of benchTree({ size, rounds: smoke ? 1 : 15, seed })) {
    const verdict = size === 10_000 ? ` (bar ${format(bar)}: ${rate >= bar ? "met" : "not met"})` : "";
    console.log(`${format(size)} nodes  ${operation.padEnd(6)} ${format(rate).padStart(10)}/s${verdict}`);
  }
}

function format(value: number): string {
  return Math.round(value).toLocaleString("en");
}
