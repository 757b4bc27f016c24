import { benchLarge } from "./large.ts";
import { benchTree } from "./tree.ts";

// `npm run bench` measures the tree core, `npm run bench -- large` a document of a million nodes (about 15 minutes);
// `npm run bench -- smoke` is to see only that both work.
const smoke = process.argv.includes("smoke");
const large = process.argv.includes("large");
const seed = 20_261_122;

if (!large) tree();
if (large) {
  const sizes = { nodes: 1_000_000, others: [1_000, 100_000], repetitions: 15, wakeUps: 10 };
  await benchLarge({ ...sizes, filling: process.argv.includes("mutations") ? "mutations" : "import" });
} else if (smoke) {
  await benchLarge({ nodes: 2_000, others: [100], repetitions: 1, wakeUps: 0, filling: "import" });
}

function tree(): void {
  console.log(`tree core, node ${process.version}, seed ${seed}`);
  for (const size of smoke ? [100] : [10_000, 100_000]) {
    for (const { operation, rate, bar } of benchTree({ size, rounds: smoke ? 1 : 15, seed })) {
      const verdict = size === 10_000 ? ` (bar ${format(bar)}: ${rate >= bar ? "met" : "not met"})` : "";
      console.log(`${format(size)} nodes  ${operation.padEnd(6)} ${format(rate).padStart(10)}/s${verdict}`);
    }
  }
}

function format(value: number): string {
  return Math.round(value).toLocaleString("en");
}
