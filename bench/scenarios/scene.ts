import type { Address } from "../load/connection.ts";
import { fill } from "../load/fill.ts";
import type { Protocol } from "../load/protocol.ts";
import type { ListenTask } from "../load/tasks.ts";
import type { Spread } from "../report/section.ts";
import type { Scale } from "../scale.ts";
import type { System } from "../servers/systems.ts";
import type { Bundle, Served } from "../servers/workerd.ts";

/** A system that can be served. */
export interface Contestant {
  readonly system: System;
  readonly bundle: Bundle;
  readonly protocol: Protocol;
}

/** What a scenario has to work with. */
export interface Scene {
  readonly scale: Scale;
  readonly contestants: readonly Contestant[];
  /** The names of all scenarios of this run. */
  readonly wanted: readonly string[];
  /** Says what is going on. */
  note(text: string): void;
  /** Does a piece of work; where a peer cannot, the report says so and the others go on. Our own failure ends the run. */
  attempt(who: Contestant, what: string, work: () => Promise<void>): Promise<void>;
}

/** A served system with one filled document. */
export interface Stage {
  readonly served: Served;
  /** Where the document is now; a restart changes it. */
  address(): Address;
  /** The same as load processes need it. */
  load(): Omit<ListenTask, "task" | "subscribers">;
}

export const DOCUMENT = "document";

/** Serves a system on empty storage with a document of so many nodes, and ends it afterwards, whatever happens. */
export async function withDocument<T>(
  { system, bundle, protocol }: Contestant,
  nodes: number,
  work: (stage: Stage) => Promise<T>,
): Promise<T> {
  const served = await bundle.serve();
  try {
    await fill(protocol, { url: served.socketUrl, document: DOCUMENT }, nodes);
    const address = () => ({ url: served.socketUrl, document: DOCUMENT });
    return await work({ served, address, load: () => ({ ...address(), protocol: system.protocol, nodes }) });
  } finally {
    await served.stop();
  }
}

/** Everyone once, each time in another order, so that nobody always has the cold or the hot machine. */
export async function eachInTurn(
  scene: Scene,
  what: string,
  repetitions: number,
  work: (who: Contestant) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < repetitions; round++) {
    for (const who of turned(scene.contestants, round)) await scene.attempt(who, what, () => work(who));
  }
}

/** The same ones, beginning with another. */
export function turned<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

/** Measurements by what they are of. */
export interface Notes {
  add(key: string, value: number): void;
  /** Null: it was not measured. */
  spread(key: string): Spread | null;
  median(key: string): number | null;
  /** The medians of what was measured with each of these sizes, as a curve. */
  curve(sizes: readonly number[], keyOf: (size: number) => string): (readonly [size: number, median: number])[];
}

export function createNotes(): Notes {
  const noted = new Map<string, number[]>();
  const spread = (key: string) => {
    const values = noted.get(key);
    return values ? spreadOf(values) : null;
  };
  const median = (key: string) => spread(key)?.median ?? null;
  return {
    add(key, value) {
      const values = noted.get(key);
      if (values) values.push(value);
      else noted.set(key, [value]);
    },
    spread,
    median,
    curve: (sizes, keyOf) =>
      sizes.flatMap((size) => {
        const value = median(keyOf(size));
        return value === null ? [] : [[size, value] as const];
      }),
  };
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    median: quantile(values, 0.5),
    least: Math.min(...values),
    most: Math.max(...values),
  };
}

/** The value that this share of all is not above; the middle of two for a median of an even number. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (low === undefined || high === undefined) throw new Error("nothing was measured");
  return low + (high - low) * (at - Math.floor(at));
}
