import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

// The declarations of the package as an application gets them, compiled with `skipLibCheck: false` by the oldest TypeScript that
// README.md claims, and by the newest.

const OLDEST = "test/oldest-typescript/node_modules/typescript";
const NEWEST = "node_modules/typescript";
/** What the bindings of editors and their examples import, and what that does. */
const EDITORS = [
  ...["@codemirror", "@marijn", "style-mod", "crelt", "w3c-keyname", "@tiptap", "orderedmap", "rope-sequence"],
  ...["commands", "keymap", "model", "state", "transform", "view"].map((name) => `prosemirror-${name}`),
];
const folder = mkdtempSync(join(tmpdir(), "durable-grove-types-"));

beforeAll(() => {
  const installed = join(folder, "node_modules/durable-grove");
  mkdirSync(installed, { recursive: true });
  cpSync("package.json", join(installed, "package.json"));
  for (const config of ["tsconfig.build.json", "tsconfig.build-client.json"]) {
    const made = run(NEWEST, "--project", config, "--emitDeclarationOnly", "--outDir", join(installed, "dist"));
    expect(made).toEqual({ status: 0, output: "" });
  }
  for (const name of ["@cloudflare", "@types", "valibot", "idb", "csstype", "hono", ...EDITORS]) {
    symlinkSync(resolve("node_modules", name), join(folder, "node_modules", name));
  }
  cpSync("examples/worker", folder, { recursive: true });
  writeFileSync(join(folder, "page.ts"), PAGE);
  for (const { file, source } of [...examples, ...ofEditors]) writeFileSync(join(folder, file), source);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** What docs/embedding.md shows, a module each. */
const examples = Array.from(
  readFileSync("docs/embedding.md", "utf8").matchAll(/^```ts( page)?\n(.*?)^```$/gms),
  ([, page, source = ""], index) => ({ page: page !== undefined, file: `example-${index}.ts`, source }),
);
/** What docs/editors.md shows, for pages. */
const ofEditors = Array.from(
  readFileSync("docs/editors.md", "utf8").matchAll(/^```ts\n(.*?)^```$/gms),
  ([, source = ""], index) => ({ file: `editor-${index}.ts`, source }),
);
/** Hono's own declarations are newer than the oldest compiler. */
const usesHono = ({ source }: { readonly source: string }) => source.includes('"hono"');
const workers = examples.filter(({ page }) => !page);
const fileOf = ({ file }: { readonly file: string }) => file;
const FOR_ALL = ["index.ts", ...workers.filter((each) => !usesHono(each)).map(fileOf)];
/** Its own declarations are newer than the oldest compiler. */
const usesTiptap = ({ source }: { readonly source: string }) => source.includes('"@tiptap');
const FOR_PAGES = ["page.ts", ...examples.filter(({ page }) => page).map(fileOf)];

/** Everything that a page imports of the package. */
const PAGE = `
import * as client from "durable-grove/client";
import * as dom from "durable-grove/dom";
import * as react from "durable-grove/react";
import * as testing from "durable-grove/testing";
import * as protocol from "durable-grove/protocol";
import * as text from "durable-grove/text";
import * as tree from "durable-grove/tree";
import * as codemirror from "durable-grove/codemirror";
import * as prosemirror from "durable-grove/prosemirror";
export const all = [client.openDocument, dom.bindText, react.useDocument, testing.createTestServer, protocol.LIMITS, text, tree, codemirror.groveText, prosemirror.groveRows];
export const mutations = (document: client.TreeDocument) => [
  document.mutate((tx) => tx.remove("a")),
  document.mutate((tx) => tx.insert({ type: "item" }, { parent: tx.root })),
  // @ts-expect-error: a transaction is synchronous
  document.mutate(async (tx) => tx.remove("a")),
];
`;

test.each([
  ["a Worker", OLDEST, FOR_ALL, { lib: ["ES2022"], types: ["@cloudflare/workers-types"] }],
  ["a Worker", NEWEST, ["index.ts", ...workers.map(fileOf)], { lib: ["ES2022"], types: ["@cloudflare/workers-types"] }],
  [
    "a page",
    OLDEST,
    [...FOR_PAGES, ...ofEditors.filter((each) => !usesTiptap(each)).map(fileOf)],
    { lib: ["ES2022", "DOM", "DOM.Iterable"], types: ["react"] },
  ],
  [
    "a page",
    NEWEST,
    [...FOR_PAGES, ...ofEditors.map(fileOf)],
    { lib: ["ES2022", "DOM", "DOM.Iterable"], types: ["react"] },
  ],
])("%s compiles with skipLibCheck: false (%s)", { timeout: 120_000 }, (_, typescript, files, options) => {
  const compilerOptions = {
    ...{
      target: "ES2022",
      module: "ESNext",
      moduleResolution: "Bundler",
      strict: true,
      skipLibCheck: false,
      noEmit: true,
    },
    ...options,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  expect(run(typescript, "--project", folder)).toEqual({ status: 0, output: "" });
});

test("the README claims the version that is tried", () => {
  const { version }: { version: string } = JSON.parse(readFileSync(`${OLDEST}/package.json`, "utf8"));
  expect(readFileSync("README.md", "utf8")).toContain(
    `TypeScript ${version.split(".").slice(0, 2).join(".")} or later`,
  );
});

function run(typescript: string, ...given: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${typescript}/bin/tsc`, ...given], {
    encoding: "utf8",
  });
  return { status, output: stdout + stderr };
}
