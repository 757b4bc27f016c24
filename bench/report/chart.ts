import { createScale, type Scale } from "./axis.ts";
import { formatTick } from "./format.ts";
import type { Chart } from "./section.ts";

const WIDTH = 760;
const HEIGHT = 440;
const PLOT = { left: 64, top: 72, bottom: 384 };
/** Between the end of the plot and the names of its curves, and beside these. */
const GAP = 22;
const LINE_HEIGHT = 17;
/** A little more than a letter of the names takes on average: no font is there to be measured. */
const LETTER = 8.2;
/** Of a name beside the plot; the whole of it is told when the curve is pointed at. */
const LETTERS = 28;

/** Told apart by the colour-blind, and all dark enough for text on white; the dashes are for those who see no colour. */
const STYLES = [
  { colour: "#0060a8", dashes: "none" },
  { colour: "#b84300", dashes: "8 4" },
  { colour: "#00745a", dashes: "3 3" },
  { colour: "#8e3a86", dashes: "10 3 2 3" },
  { colour: "#7a5c00", dashes: "14 4" },
  { colour: "#444444", dashes: "2 5" },
] as const;

/** A chart as the text of an SVG image: the same for the same data, with its own background for pages light and dark. */
export function drawChart(chart: Chart): string {
  const { x, y, series, title } = chart;
  const points = series.flatMap((each) => each.points);
  const across = createScale(x, xs(points), 8);
  const up = createScale(y, ys(points), 6);
  const letters = Math.max(0, ...series.map(({ name }) => shortened(name).length));
  const right = Math.round(WIDTH - 14 - GAP - letters * LETTER);
  const toX = (value: number) => PLOT.left + across.place(value) * (right - PLOT.left);
  const toY = (value: number) => PLOT.bottom - up.place(value) * (PLOT.bottom - PLOT.top);

  const curves = series.map(({ name, points }, index) => {
    const shown = points.filter(([left, height]) => across.shows(left) && up.shows(height));
    const places = shown.map(([left, height]): Place => [toX(left), toY(height)]);
    return { name, places, ...(STYLES[index % STYLES.length] ?? STYLES[0]) };
  });
  const hidden = points.length - curves.reduce((count, { places }) => count + places.length, 0);

  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" ` +
      `role="img" aria-labelledby="title" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="13">`,
    `<title id="title">${escapeText(`${title}: ${y.label} by ${x.label}`)}</title>`,
    `<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="6" fill="#ffffff" stroke="#d0d7de"/>`,
    text([18, 28], title, `font-size="16" font-weight="600" fill="#1f2328"`),
    text([18, 54], y.label, `fill="#59636e"`),
    text([(PLOT.left + right) / 2, HEIGHT - 16], x.label, `fill="#59636e" text-anchor="middle"`),
    ...grid(up, ([tick, label]) => [
      line([PLOT.left, toY(tick)], [right, toY(tick)], `stroke="#e4e8ec"`),
      text([PLOT.left - 8, toY(tick) + 4.5], label, `fill="#59636e" text-anchor="end"`),
    ]),
    ...grid(across, ([tick, label]) => [
      line([toX(tick), PLOT.top], [toX(tick), PLOT.bottom], `stroke="#e4e8ec"`),
      text([toX(tick), PLOT.bottom + 19], label, `fill="#59636e" text-anchor="middle"`),
    ]),
    line([PLOT.left, PLOT.bottom], [right, PLOT.bottom], `stroke="#8c959f"`),
    ...curves.flatMap(drawCurve),
    ...nameCurves(curves, right + GAP),
    ...(hidden > 0
      ? [text([18, HEIGHT - 16], `without a place on these scales: ${hidden}`, `fill="#59636e" font-size="11"`)]
      : []),
    "</svg>",
    "",
  ].join("\n");
}

type Place = readonly [x: number, y: number];

interface Curve {
  readonly name: string;
  readonly colour: string;
  readonly dashes: string;
  readonly places: readonly Place[];
}

function drawCurve({ name, colour, dashes, places }: Curve): string[] {
  const corners = places.map((place) => place.map(short).join(",")).join(" ");
  const circles = places.map(
    ([left, height]) =>
      `<circle cx="${short(left)}" cy="${short(height)}" r="3.5" fill="${colour}" stroke="#ffffff" stroke-width="1"/>`,
  );
  return [
    `<g><title>${escapeText(name)}</title>`,
    `<polyline points="${corners}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dashes}"/>`,
    ...circles,
    "</g>",
  ];
}

/** Each name at the height where its curve ends, moved as far as it has to be to stand clear of the others. */
function nameCurves(curves: readonly Curve[], left: number): string[] {
  const ends = curves.flatMap(({ places, ...curve }) => {
    const end = places.at(-1);
    return end ? [{ ...curve, end }] : [];
  });
  ends.sort((one, other) => one.end[1] - other.end[1]);
  const heights = spread(ends.map(({ end }) => end[1]));
  return ends.flatMap(({ name, colour, end }, index) => {
    const height = heights[index] ?? end[1];
    const attributes = `stroke="${colour}" stroke-width="1" stroke-opacity="0.5"`;
    return [
      line([end[0] + 5, end[1]], [left - 4, height], attributes),
      text([left, height + 4.5], shortened(name), `fill="${colour}" font-weight="600"`),
    ];
  });
}

/** Heights in rising order with room for a line between any two: pushed down first, then up from the lower edge. */
function spread(heights: readonly number[]): number[] {
  const placed: number[] = [];
  for (const height of heights) placed.push(Math.max(height, (placed.at(-1) ?? -Infinity) + LINE_HEIGHT));
  let limit = PLOT.bottom;
  return placed
    .reverse()
    .map((height) => {
      const free = Math.min(height, limit);
      limit = free - LINE_HEIGHT;
      return free;
    })
    .reverse();
}

function shortened(name: string): string {
  return name.length <= LETTERS ? name : `${name.slice(0, LETTERS - 1)}…`;
}

function grid(scale: Scale, draw: (tick: [tick: number, label: string]) => string[]): string[] {
  return scale.ticks.flatMap((tick) => draw([tick, formatTick(tick)]));
}

function line(from: Place, to: Place, attributes: string): string {
  return `<line x1="${short(from[0])}" y1="${short(from[1])}" x2="${short(to[0])}" y2="${short(to[1])}" ${attributes}/>`;
}

function text([left, height]: Place, words: string, attributes: string): string {
  return `<text x="${short(left)}" y="${short(height)}" ${attributes}>${escapeText(words)}</text>`;
}

/** Hundredths of a pixel: below them, machines may differ. */
function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escapeText(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function xs(points: readonly Place[]): number[] {
  return points.map(([left]) => left);
}

function ys(points: readonly Place[]): number[] {
  return points.map(([, height]) => height);
}
