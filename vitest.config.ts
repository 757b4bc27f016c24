import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";
import { readSeed } from "./test/support/read-seed.ts";

// Set by .ci/run, which reads the totals from this file.
const reportFile = process.env.VITEST_REPORT_FILE;

const WAITING = [
  "test/e2e/{idle,hibernation,react,demo,demo-history,demo-text,dom-elements,dom-typing,editors-codemirror,editors-prosemirror,editors-tiptap}.test.ts",
];

export default defineConfig({
  test: {
    reporters: reportFile ? ["default", ["json", { outputFile: reportFile }]] : ["default"],
    sequence: { sequencer: LongestFirst },
    // The projects run one after another: group 1 to 4. (Vitest runs group 0, its default, last where it has only one worker.)
    projects: [
      {
        // What they test keeps nothing in its modules: loading these anew for each file took 0.4 s a file (2026-11-27).
        test: {
          name: "pure",
          include: ["test/{access,text,tree,protocol,session,storage,history}/**/*.test.ts"],
          isolate: false,
          // Every core, here and below: Vitest leaves one of them to itself, which is half of two.
          maxWorkers: "100%",
          testTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "unit",
          include: [
            "test/{layers,scripts,docs,client,dom,codemirror,prosemirror,editors,react,testing,bench,fuzz}/**/*.test.{ts,tsx}",
          ],
          maxWorkers: "100%",
          testTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            // As `npm start` has it; who may do what is tested with Workers of other settings. Objects verify what comes over a
            // connection by these keys: those of test/workerd/access/provider.ts.
            miniflare: {
              bindings: {
                ALLOW_ANONYMOUS: "admin",
                AUTH_JWKS_URL: "https://login.example/.well-known/jwks.json",
                AUTH_ISSUER: "https://login.example/",
                AUTH_AUDIENCE: "https://grove.example/api",
              },
            },
          }),
        ],
        test: {
          name: "workerd",
          provide: { seed: readSeed(process.env.FUZZ_SEED) },
          include: ["test/workerd/**/*.test.ts"],
          maxWorkers: "100%",
          testTimeout: 30_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // Pages in real browsers, where people type at their pace, and servers that sleep: they wait more than they compute,
        // so three files run side by side, one of them asleep nearly to the end.
        test: {
          name: "waiting",
          include: WAITING,
          maxWorkers: 3,
          sequence: { groupOrder: 3 },
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        // Real processes, ports and kills: one file at a time, after everything else, so that nothing competes for the machine.
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude: WAITING,
          sequence: { groupOrder: 4 },
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
