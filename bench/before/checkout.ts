import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The last commit before a branch could be removed by its top alone. */
export const COMMIT = "95e13b3eecc4abe4d7e647f52bf56b25445d759c";

const HERE = fileURLToPath(new URL("../../", import.meta.url));
/** What the Worker does without, and what would be built of the code as it is now. */
const LEFT_OUT = ["[build]", "[assets]"];

/** The code of a commit in a folder of its own. */
export interface Checkout {
  readonly folder: string;
  /** wrangler's configuration of its Worker. */
  readonly config: string;
  remove(): void;
}

/** Gives the code of a commit with the packages that are installed here, or says why that cannot be. */
export function checkOut(commit: string): Checkout | string {
  const git = (command: string, ...words: string[]) =>
    execFileSync("git", [command, ...words], { cwd: HERE, maxBuffer: 2 ** 28, stdio: ["ignore", "pipe", "ignore"] });
  let archive: Buffer;
  try {
    archive = git("archive", "--format=tar", commit);
  } catch {
    return `commit ${commit.slice(0, 7)} is not in this copy of the repository, as in a shallow clone`;
  }
  const folder = mkdtempSync(join(tmpdir(), "durable-grove-before-"));
  const clear = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", clear);
  const remove = () => {
    process.off("exit", clear);
    clear();
  };
  execFileSync("tar", ["-x", "-C", folder], { input: archive });
  if (dependenciesIn(folder) !== dependenciesIn(HERE)) {
    remove();
    return `commit ${commit.slice(0, 7)} has other dependencies than are installed`;
  }
  symlinkSync(join(HERE, "node_modules"), join(folder, "node_modules"));
  const config = join(folder, "bench.toml");
  writeFileSync(config, withoutTables(readFileSync(join(folder, "wrangler.toml"), "utf8")));
  return { folder, config, remove };
}

function withoutTables(toml: string): string {
  const tables = toml.split(/^(?=\[)/m);
  return tables.filter((table) => !LEFT_OUT.some((head) => table.startsWith(head))).join("");
}

function dependenciesIn(folder: string): string {
  const { dependencies }: { dependencies?: unknown } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return JSON.stringify(dependencies);
}
