import { expect, test } from "vitest";
import { sectionLines } from "../../bench/report/console.ts";
import { plain, writers } from "./section.ts";

test("a section is printed in columns: words begin together, figures end together", () => {
  expect(plain(`\n${sectionLines(writers).join("\n")}\n`)).toBe(`

Writers: 16, or 1?
==================

acknowledged/s
system                           rate  p50, ms  note
durable-grove  38 600 (37 100–39 000)     0.91  a|b
tldraw sync                     2 100        –  not measured here

                value        bar  of the bar
mutations/s    18.4 ×      ≥ 8 ×      2.31 ×  met
resume          312 B  ≤ 1 024 B       0.3 ×  met
deliveries/s  7.996 ×      ≥ 8 ×    0.9995 ×  NOT MET  one core
rows             0.12      ≤ 0.1       1.2 ×  NOT MET
`);
});
