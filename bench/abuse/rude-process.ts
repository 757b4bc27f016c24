import { setPriority } from "node:os";
import { attacks } from "./attacks/index.ts";
import { poisons } from "./attacks/poisons.ts";
import { makeDocument } from "./document.ts";
import type { Attack, Counts } from "./kinds.ts";
import { serveOrders } from "./processes.ts";
import { createRude, type Tallies } from "./rude.ts";

// The process of those who are rude: it makes the document, prepares, and attacks.

export type RudeOrder =
  | { readonly order: "prepare"; readonly attack: string; readonly socketUrl: string; readonly document: string }
  | { readonly order: "attack"; readonly lasts: number };

export interface RudeReport {
  /** What it was told, and what else it has seen. */
  readonly told: Counts;
  readonly saw: Counts;
  /** Why the attack broke off. */
  readonly failed: string | null;
}

// There are two cores: the server and those who are honest go first.
setPriority(10);

let prepared: { readonly attack: Attack; readonly socketUrl: string; readonly document: string } | null = null;

serveOrders(async (order: RudeOrder): Promise<RudeReport> => {
  const { tallies, report } = createTallies();
  if (order.order === "prepare") {
    const { socketUrl, document } = order;
    const attack = [...attacks, ...poisons].find(({ name }) => name === order.attack);
    if (!attack) throw new Error(`there is no attack ${order.attack}`);
    prepared = { attack, socketUrl, document };
    const rude = createRude(socketUrl, document, Number.POSITIVE_INFINITY, tallies);
    await makeDocument(rude.url, attack.lines?.() ?? [], attack.options ?? {});
    await attack.prepare?.(rude);
    return report(null);
  }
  if (!prepared) throw new Error("nothing is prepared");
  const { attack, socketUrl, document } = prepared;
  const rude = createRude(socketUrl, document, order.lasts, tallies);
  const failed = await attack.attack(rude).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  // Whoever is connected stays for as long as it was to last.
  await rude.until(() => false);
  return report(failed);
});

function createTallies(): { tallies: Tallies; report: (failed: string | null) => RudeReport } {
  const told: Record<string, number> = {};
  const saw: Record<string, number> = {};
  const count = (counts: Record<string, number>) => (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  return {
    tallies: { told: count(told), saw: count(saw) },
    report: (failed) => ({ told: { ...told }, saw: { ...saw }, failed }),
  };
}
