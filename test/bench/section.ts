import type { Bar, Section } from "../../bench/report/section.ts";

export const rate: Bar = { what: "mutations/s", value: 18.44, unit: "×", bar: 8, at: "least" };
export const resume: Bar = { what: "resume", value: 312, unit: "B", bar: 1024, at: "most" };
export const slow: Bar = { what: "deliveries/s", value: 7.996_12, unit: "×", bar: 8, at: "least", note: "one core" };
export const rows: Bar = { what: "rows", value: 0.12, unit: "", bar: 0.1, at: "most" };

/** A section with something of everything. */
export const writers: Section = {
  id: "writers",
  title: "Writers: 16, or 1?",
  text: ["What was done.", "What it means."],
  tables: [
    {
      title: "acknowledged/s",
      head: ["system", "rate", "p50, ms", "note"],
      rows: [
        ["durable-grove", { median: 38_637, least: 37_123, most: 39_011 }, 0.9123, "a|b"],
        ["tldraw sync", 2100, null, "not measured\nhere"],
      ],
    },
  ],
  charts: [
    {
      id: "writers-rate",
      title: "Rate [16 writers]",
      x: { label: "writers", scale: "log" },
      y: { label: "mutations/s", scale: "linear" },
      series: [{ name: "durable-grove", points: [[1, 555] as const, [16, 22_400] as const] }],
    },
  ],
  bars: [rate, resume, slow, rows],
};

/** With spaces as they are typed. */
export function plain(text: string): string {
  return text.replaceAll("\u202f", " ");
}
