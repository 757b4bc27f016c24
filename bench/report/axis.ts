import type { Axis } from "./section.ts";

/** Where values stand along an axis, from 0 where it begins to 1 where it ends, and the round numbers to write there. */
export interface Scale {
  /** Of what `shows`. */
  place(value: number): number;
  /** No logarithm is there for what is not above zero, and nothing stands for what is not a number. */
  shows(value: number): boolean;
  readonly ticks: readonly number[];
}

/** A scale that begins on a tick and has room for all the values; about so many ticks. */
export function createScale({ scale }: Axis, values: readonly number[], ticks: number): Scale {
  return scale === "log" ? logarithmic(values, ticks) : linear(values, ticks);
}

/** Zero is always there: a curve that is cut off below looks steeper than it is. */
function linear(values: readonly number[], count: number): Scale {
  const shown = values.filter(Number.isFinite);
  const least = shown.reduce((one, other) => Math.min(one, other), 0);
  const most = shown.reduce((one, other) => Math.max(one, other), 0);
  const step = roundStep((most - least || 1) / count);
  const first = Math.floor(least / step);
  const last = Math.max(Math.ceil(most / step), first + 1);
  const begin = first * step;
  const end = last * step;
  return {
    place: (value) => (value - begin) / (end - begin),
    shows: Number.isFinite,
    // A multiple each time, so that errors don't add up; to 12 digits, so that 3 × 0.1 is 0.3.
    ticks: from(first, last).map((multiple) => Number((multiple * step).toPrecision(12))),
  };
}

function logarithmic(values: readonly number[], count: number): Scale {
  const shows = (value: number) => Number.isFinite(value) && value > 0;
  const shown = values.filter(shows);
  const least = shown.length > 0 ? shown.reduce((one, other) => Math.min(one, other)) : 1;
  const most = shown.length > 0 ? shown.reduce((one, other) => Math.max(one, other)) : 1;
  // From one step of 1, 2, 5 to another: with whole powers of ten, most of a chart of few of them may be empty.
  const close = between(stepsAround(least, most, [1, 2, 5]), least, most);
  const steps = close.length <= count ? close : between(stepsAround(least, most, [1]), least, most);
  const [begin = least, end = most] = [steps[0], steps.at(-1)];
  const width = Math.log10(end / begin);
  const every = Math.ceil(steps.length / count);
  const ticks = steps.filter((_, index) => index % every === 0);
  return { place: (value) => Math.log10(value / begin) / width, shows, ticks };
}

function stepsAround(least: number, most: number, digits: readonly number[]): number[] {
  const exponents = from(exponentOf(least), exponentOf(most) + 1);
  return exponents.flatMap((exponent) => digits.map((digit) => Number(`${digit}e${exponent}`)));
}

/** From the last step that is not above the least to the first that is not below the most: two at least. */
function between(steps: readonly number[], least: number, most: number): number[] {
  const first = steps.findLastIndex((step) => step <= least);
  const last = steps.findIndex((step, index) => step >= most && index > first);
  return steps.slice(first, last + 1);
}

/** The least of 1, 2, 5 times a power of ten that is not below. */
function roundStep(step: number): number {
  const power = Number(`1e${exponentOf(step)}`);
  return power * ([1, 2, 5].find((digit) => digit * power >= step) ?? 10);
}

/** The power of ten below. By the digits: a logarithm of 1000 may come out a little below 3. */
function exponentOf(value: number): number {
  return Number(value.toExponential().split("e")[1]);
}

function from(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
