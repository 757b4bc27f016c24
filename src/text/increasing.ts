/** The longest run of numbers, not all of them neighbours, in which each is greater than the one before (patience sorting). */
export function increasing(numbers: readonly (number | undefined)[]): number[] {
  /** Of each length, the smallest number that such a run ends with, and what stands before it there. */
  const ends: Run[] = [];
  for (const value of numbers) {
    if (value === undefined) continue;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle]?.value ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    ends[low] = { value, before: ends[low - 1] };
  }
  const found: number[] = [];
  for (let run = ends.at(-1); run; run = run.before) found.push(run.value);
  return found.reverse();
}

interface Run {
  readonly value: number;
  readonly before: Run | undefined;
}
