import { execFile } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Outcome } from "./client-world.ts";

const run = promisify(execFile);

const ROOT = process.cwd();
const PLACE = "node_modules/.cache/client-examples";
const OUT = `${PLACE}/out`;

/** An example of docs/client.md or the README. */
export interface Example {
  readonly heading: string;
  /** `in-ten-lines.ts` */
  readonly file: string;
  readonly source: string;
}

export function readExamples(text: string): Example[] {
  return text.split(/^## /m).flatMap((section) => {
    const [heading = ""] = section.split("\n");
    const name = heading.toLowerCase().replaceAll(" ", "-");
    return Array.from(section.matchAll(/^```(tsx?)\n(.*?)^```$/gms), ([, kind, source = ""], index) => {
      const file = `${name}${index === 0 ? "" : `-${index + 1}`}.${kind}`;
      return { heading: `${heading}${kind === "tsx" ? " (React)" : ""}`, file, source };
    });
  });
}

/** Compiles them with what they import, as `npm run build` does. Rejects with what the compiler says, and of which. */
export async function compile(examples: readonly Example[]): Promise<void> {
  rmSync(PLACE, { recursive: true, force: true });
  mkdirSync(`${OUT}/node_modules/ws`, { recursive: true });
  for (const { file, source } of examples) writeFileSync(`${PLACE}/${file}`, source);
  const config = {
    extends: `${ROOT}/tsconfig.base.json`,
    compilerOptions: {
      lib: ["ES2024", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
      types: ["node"],
      jsx: "react-jsx",
      paths: { "durable-grove/*": [`${ROOT}/src/*/index.ts`] },
      noEmit: false,
      rootDir: ROOT,
      outDir: `${ROOT}/${OUT}`,
    },
    files: examples.map(({ file }) => file),
  };
  writeFileSync(`${PLACE}/tsconfig.json`, JSON.stringify(config));
  // What was compiled is a package that is installed in itself, with a ws that is the world's WebSocket.
  const self = { name: "durable-grove", type: "module", exports: { "./*": "./src/*/index.js" } };
  writeFileSync(`${OUT}/package.json`, JSON.stringify(self));
  symlinkSync("..", `${OUT}/node_modules/durable-grove`);
  const world = pathToFileURL("test/docs/client-world.ts");
  writeFileSync(`${OUT}/node_modules/ws/package.json`, JSON.stringify({ type: "module", exports: "./index.js" }));
  writeFileSync(`${OUT}/node_modules/ws/index.js`, `export { WebSocket } from ${JSON.stringify(world)};`);
  await run("node_modules/.bin/tsc", ["--project", PLACE]).catch(({ stdout }: { stdout: string }) => {
    const said = examples.reduce((text, { file, heading }) => text.replaceAll(`${PLACE}/${file}`, heading), stdout);
    throw new Error(`docs/client.md does not compile:\n${said}`);
  });
}

/** Without a WebSocket, or with a second visit that is made offline. */
export type How = "withoutWebSocket" | "offlineNext";

export interface Visit extends Outcome {
  /** Line by line, what was a warning first. */
  readonly printed: readonly string[];
}

/** Runs one that was compiled. Rejects with what it throws, also where nobody awaits it, and when it takes too long. */
export async function visit({ file }: Example, how?: How): Promise<Visit> {
  const compiled = pathToFileURL(`${OUT}/${PLACE}/${file.replace(/\.tsx?$/, ".js")}`).href;
  const options = { timeout: 30_000, env: { ...process.env, NO_COLOR: "1" } };
  const args = ["test/docs/client-visit.ts", compiled, ...(how ? [how] : [])];
  const { stdout, stderr } = await run(process.execPath, args, options);
  const printed = `${stderr}${stdout}`.trimEnd().split("\n");
  const outcome: Outcome = JSON.parse(printed.pop() ?? "");
  return { ...outcome, printed };
}
