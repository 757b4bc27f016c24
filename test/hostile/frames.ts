import type { Random } from "../e2e/random.ts";
import { fromClients } from "../protocol/golden.ts";
import { mutateBytes, mutateStructure } from "./mutate.ts";

/** A frame as it is sent. */
export interface Frame {
  readonly bytes: Buffer;
  readonly binary: boolean;
}

/** Made of a golden frame; its counters go up, so that what is sound after all is something new. */
export function hostileFrame(random: Random, counter: number): Frame {
  const golden: unknown = JSON.parse(random.below(3) > 0 ? random.pick(MUTATIONS) : random.pick(ALL));
  let value = withCounter(golden, counter);
  const bytewise = random.below(10) < 3;
  for (let left = bytewise ? 0 : random.below(4); left > 0; left--) value = mutateStructure(random, value);
  const bytes = Buffer.from(JSON.stringify(value) ?? "");
  return { bytes: bytewise ? mutateBytes(random, bytes) : bytes, binary: random.below(200) === 0 };
}

/** A `join` that something may be wrong with. */
export function hostileJoin(random: Random): Frame {
  const join: unknown = JSON.parse(random.pick(JOINS));
  const bytes = Buffer.from(JSON.stringify(mutateStructure(random, join)) ?? "");
  return { bytes: random.below(2) > 0 ? mutateBytes(random, bytes) : bytes, binary: false };
}

const ofKind = (kind: string): [string, ...string[]] => {
  const [first, ...rest] = fromClients.filter((text) => text.startsWith(`{"type":"${kind}"`));
  if (first === undefined) throw new Error(`there is no golden ${kind}`);
  return [first, ...rest];
};
const JOINS = ofKind("join");
const MUTATIONS = ofKind("mutate");
const ALL: [string, ...string[]] = [...MUTATIONS, ...fromClients];

function withCounter(golden: unknown, counter: number): unknown {
  return JSON.parse(JSON.stringify(golden), (key, value) => (key === "mutation" ? counter + value : value));
}
