import { readSeed } from "../test/support/read-seed.ts";
import { fuzzClients } from "./fuzz/clients.ts";
import { fuzzHistory } from "./fuzz/history.ts";
import { fuzzTheServer } from "./fuzz/server.ts";
import { fuzzText } from "./fuzz/text.ts";
import { fuzzTree } from "./fuzz/tree.ts";

const USAGE = `node scripts/fuzz.ts [tree|text|server|clients|history] [seed] [share]
  tree    plays undo in every pair and triple of acts of two people, and in 20 000 random scripts of three
  text    rebases 1 000 000 triples of lists of steps, as many of changes, and plays 100 000 runs of three clients
  server  sends 210 000 hostile frames and requests to a real server
  clients has people write, split and join in the same rows: 1 000 000 pairs and triples unseen, 100 000 runs of replicas, 20 000 of clients with a server
  history plays 30 000 random histories, and checks the tree at every seq, diffs, blame, the bin, restores, retention, and undo of all by one
  seed    a number that repeats a run; else FUZZ_SEED, else a new one
  share   how much of it, 0.1 for a tenth; default 1
Without a name all, one after the other.`;

const FUZZERS = { tree: fuzzTree, text: fuzzText, server: fuzzTheServer, clients: fuzzClients, history: fuzzHistory };

async function main(given: readonly string[]): Promise<number> {
  const named = Object.entries(FUZZERS).filter(([name]) => name === given[0]);
  const [seedText, shareText = "1"] = named.length > 0 ? given.slice(1) : given;
  const seed = seedText === undefined ? readSeed(process.env.FUZZ_SEED ?? "random") : Number(seedText);
  const share = Number(shareText);
  if (!Number.isInteger(seed) || !(share > 0 && share <= 1)) {
    console.error(USAGE);
    return 2;
  }
  console.log(`FUZZ_SEED=${seed}`);
  let isWell = true;
  for (const [name, fuzz] of named.length > 0 ? named : Object.entries(FUZZERS)) {
    console.log(`\n${name}`);
    isWell = (await fuzz(seed, share)) && isWell;
  }
  return isWell ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
