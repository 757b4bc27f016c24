import { setTimeout as sleep } from "node:timers/promises";
import { withRefusals } from "../before/author.ts";
import { type Address, connect } from "../load/connection.ts";
import type { Held, Protocol } from "../load/protocol.ts";
import { codeIn, jittered } from "./honest-writer.ts";
import { now } from "./kinds.ts";

/** One who came, or was turned away. */
export interface Visit {
  readonly at: number;
  readonly took: number;
  /** Why it was turned away. */
  readonly refused: string | null;
}

const EVERY = 1_000;

/** Somebody new about every second, who holds the document as it was at first, joins, and leaves. */
export async function visit(
  protocol: Protocol,
  address: Address,
  held: Held,
  visits: Visit[],
  isOver: () => boolean,
): Promise<void> {
  for (let count = 0; !isOver(); count++) {
    const at = now();
    let refused: string | null = null;
    try {
      const options = { held, onFailure: () => {} }; // what comes after the join is no affair of a visitor
      const connection = await connect(withRefusals(protocol), address, `visitor-${count}`, options);
      visits.push({ at, took: now() - at, refused });
      await connection.close();
    } catch (error) {
      refused = codeIn(error);
      visits.push({ at, took: now() - at, refused });
    }
    await sleep(jittered(EVERY));
  }
}
