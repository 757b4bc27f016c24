/** Numbers from 0 to 1 that a seed determines, in as many independent streams as are asked for (sfc32). */
export function createRandom(seed: number, stream = 0): () => number {
  let [a, b, c, counter] = [seed | 0, stream | 0, Math.floor(seed / 2 ** 32) | 0, 1];
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // Until the seed has reached every bit.
  for (let round = 0; round < 16; round++) next();
  return next;
}

/** An id of 64 random bits. */
export function randomId(random: () => number): string {
  const half = () => Math.floor(random() * 2 ** 32).toString(16);
  return half().padStart(8, "0") + half().padStart(8, "0");
}
