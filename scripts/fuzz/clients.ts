import { spawn } from "node:child_process";
import { once } from "node:events";

/** A run of the tests plays so much more than `npm test` does: 100 000 runs of replicas, 20 000 of clients with a server. */
const TIMES = 333;

/** Three people write, split and join in the same rows at random; says whether all agreed and nothing was lost. */
export async function fuzzClients(seed: number, share: number): Promise<boolean> {
  const times = Math.max(1, Math.round(TIMES * share));
  const tests = spawn("npx", ["vitest", "run", "--project", "unit", "test/client/text/convergence.test.ts"], {
    stdio: "inherit",
    env: { ...process.env, FUZZ_SEED: String(seed), FUZZ_RUNS: String(times) },
  });
  const [code] = await once(tests, "exit");
  return code === 0;
}
