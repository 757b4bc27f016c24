import { fileURLToPath } from "node:url";
import type { Side } from "../before/sides.ts";
import { type Attack, DOCUMENT } from "./kinds.ts";
import { startCrew } from "./processes.ts";
import type { RudeOrder, RudeReport } from "./rude-process.ts";
import { open, type Survival } from "./survival.ts";
import { watch } from "./watch.ts";

/** In MiB: what the document is made with, and what it is opened with. */
const [MUCH, LITTLE] = [2_048, 128];
const RUDE = fileURLToPath(new URL("rude-process.ts", import.meta.url));
/** Milliseconds: to make it, and what the server must live for afterwards; a checkpoint falls into that. */
const [PATIENCE, AFTER] = [300_000, 8_000];

/** What a document was like for who opened it. */
export interface Opened {
  readonly survival: Survival;
  /** The most that was on the heap, in MB; null: nobody could tell. */
  readonly heap: number | null;
}

/** Makes a document with one side, and lets others open it, one after the other; the maker only as the last. */
export async function openPoisoned(poison: Attack, maker: Side, openers: readonly Side[]): Promise<Opened[]> {
  const making = await maker.bundle.serve({ heap: MUCH, quiet: true });
  const rude = startCrew<RudeOrder, RudeReport>(RUDE);
  try {
    const { socketUrl } = making;
    await rude.ask({ order: "prepare", attack: poison.name, socketUrl, document: DOCUMENT }, PATIENCE);
  } finally {
    rude.kill();
    await making.stop();
  }
  const opened: Opened[] = [];
  for (const opener of openers) {
    const served = await opener.bundle.serve({ heap: LITTLE, quiet: true, from: maker.bundle.storage });
    try {
      const watching = watch(served);
      const survival = await open(served, [], AFTER);
      const { heap } = await watching.stop();
      opened.push({ survival, heap });
    } finally {
      await served.stop();
    }
  }
  return opened;
}
