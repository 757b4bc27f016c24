/** Hues that are told apart, and the least distance of two where there is room for it: in twelfths of the circle. */
const HUES = 12;
const APART = 2;
/** From one to the next that is tried: it comes by each of the twelve. */
const STRIDE = 5;

/** Of those that this page has met, in the order in which it has. */
const taken = new Map<string, number>();

/** The colour of somebody by the name, as CSS has it: as far from those of the others as there is room, and the same as long as the page is open. */
export function colorOfName(name: string): string {
  const hue = taken.get(name) ?? choose(name, [...taken.values()]);
  taken.set(name, hue);
  return `hsl(${(hue * 360) / HUES} 70% 42%)`;
}

/** By the FNV-1a hash of the name, or the next that is free. */
function choose(name: string, others: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  const all = Array.from({ length: HUES }, (_, step) => ((hash >>> 0) + step * STRIDE) % HUES);
  const from = (hue: number) => Math.min(HUES, ...others.map((other) => distance(hue, other)));
  const [first = 0] = all;
  return all.find((hue) => from(hue) >= APART) ?? all.find((hue) => from(hue) > 0) ?? first;
}

function distance(a: number, b: number): number {
  const across = Math.abs(a - b);
  return Math.min(across, HUES - across);
}
