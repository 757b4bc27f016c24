import { describe, expect, test } from "vitest";
import { drawChart } from "../../bench/report/chart.ts";
import type { Chart } from "../../bench/report/section.ts";

type Series = Chart["series"];

function chart(scale: "linear" | "log", series: Series, title = "Title"): Chart {
  return { id: "id", title, x: { label: "nodes", scale }, y: { label: "ms", scale }, series };
}

const one = (...points: [number, number][]): Series => [{ name: "grove", points }];

/** The y of each curve's name, from above. */
function heightsOfNames(svg: string): number[] {
  return [...svg.matchAll(/ y="([\d.]+)" fill="#[\da-f]+" font-weight="600">/g)].map(([, height]) => Number(height));
}

test("draws a circle for every point, a line through them and the name at its end", () => {
  const svg = drawChart(chart("log", one([1000, 2], [10_000, 3], [1_000_000, 40])));
  expect(svg.match(/<circle /g)).toHaveLength(3);
  expect(svg.match(/<polyline points="(?:[\d.]+,[\d.]+ ?){3}"/g)).toHaveLength(1);
  expect(svg).toMatch(/>grove<\/text>/);
  for (const tick of ["1k", "10k", "100k", "1M"]) expect(svg).toContain(`>${tick}</text>`);
  expect(svg).not.toContain("without a place");
});

test("larger is further right and higher", () => {
  const svg = drawChart(chart("linear", one([1, 1], [2, 2])));
  const [first, second] = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) =>
    [x, y].map(Number),
  );
  expect(second?.[0]).toBeGreaterThan(first?.[0] ?? Number.NaN);
  expect(second?.[1]).toBeLessThan(first?.[1] ?? Number.NaN);
});

test("is the same for the same data", () => {
  const make = () => drawChart(chart("log", one([1, 3], [7, 11])));
  expect(make()).toBe(make());
});

test("has a title for who does not see it, and its own background", () => {
  const svg = drawChart(chart("linear", one([1, 1]), "Writers"));
  expect(svg).toContain('role="img" aria-labelledby="title"');
  expect(svg).toContain('<title id="title">Writers: ms by nodes</title>');
  expect(svg).toMatch(/<rect [^>]*fill="#ffffff"/);
});

test("escapes every text", () => {
  const words = `a < b & "c" > d`;
  const axis = { label: words, scale: "linear" } as const;
  const svg = drawChart({ id: "id", title: words, x: axis, y: axis, series: [{ name: words, points: [[1, 1]] }] });
  expect(svg.split("a &lt; b &amp; &quot;c&quot; &gt; d")).toHaveLength(3 + 3 + 2 + 1); // the <title>: three, labels, name
  expect(svg).not.toContain("< b");
  expect(svg).not.toMatch(/&(?!(lt|gt|amp|quot);)/);
});

describe("nothing is NaN", () => {
  const cases: [string, Series][] = [
    ["no series", []],
    ["no points", one()],
    ["one point", one([5, 5])],
    ["equal values", one([5, 5], [5, 5])],
    ["zero", one([0, 0], [10, 10])],
    ["only zero", one([0, 0])],
    ["not a number", one([1, Number.NaN], [2, Number.POSITIVE_INFINITY], [3, 4])],
    ["below zero", one([-5, -5], [5, 5])],
  ];
  for (const scale of ["linear", "log"] as const) {
    test.each(cases)(`${scale}: %s`, (_, series) => {
      expect(drawChart(chart(scale, series))).not.toMatch(/NaN|Infinity|undefined/);
    });
  }
});

test("tells what a logarithmic axis has no place for", () => {
  const svg = drawChart(chart("log", one([0, 1], [1, 0], [10, 10])));
  expect(svg.match(/<circle /g)).toHaveLength(1);
  expect(svg).toContain("without a place on these scales: 2");
});

test("names stand clear of each other, in the order in which their curves end, and within the plot", () => {
  const ends = [3, 0, 1, 2, 100, 99.9];
  const series = ends.map((end, index) => ({ name: `name ${index}`, points: [[1, end] as const] }));
  const svg = drawChart(chart("linear", series));
  const names = [...svg.matchAll(/font-weight="600">(name \d)</g)].map(([, name]) => name);
  expect(names).toEqual(["name 4", "name 5", "name 0", "name 3", "name 2", "name 1"]);
  const heights = heightsOfNames(svg);
  expect(heights).toHaveLength(6);
  heights.slice(1).forEach((height, index) => {
    expect(height - (heights[index] ?? 0)).toBeGreaterThanOrEqual(17);
  });
  expect(heights[0]).toBeGreaterThanOrEqual(72);
  expect(heights.at(-1)).toBeLessThanOrEqual(384 + 4.5);
});

test("shortens a name that would leave no room for the curves", () => {
  const name = "a name that goes on and on and on";
  const svg = drawChart(chart("linear", [{ name, points: [[1, 1]] }]));
  expect(svg).toContain(">a name that goes on and on …</text>");
  expect(svg).toContain(`<title>${name}</title>`);
});
