/** The seed of every random test, the same in each run: a gate that fails by luck of the draw says nothing about the change there. */
const USUAL = "20261127";

/** What `FUZZ_SEED` says: a number, `random` for a new one each time, or nothing. */
export function readSeed(text = USUAL): number {
  const seed = text === "random" ? Math.floor(Math.random() * 2 ** 31) : Number(text);
  if (!Number.isInteger(seed)) throw new Error(`FUZZ_SEED=${text}: it is a whole number, or "random"`);
  return seed;
}
