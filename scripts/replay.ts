import { CannotReplay } from "./replay/commits.ts";
import { messageOf } from "./replay/gate.ts";
import { readOptions, USAGE } from "./replay/options.ts";
import { replay } from "./replay/run.ts";
import { documentOf, openSource } from "./replay/source.ts";

const FAILED = 1;
const REFUSED = 2;

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === "help") {
    console.log(USAGE);
    return 0;
  }
  if ("problem" in options) {
    console.error(`${options.problem}\n--help lists the options`);
    return REFUSED;
  }
  try {
    const source = await openSource(options.path);
    const document = options.document ?? documentOf(source.name);
    console.log(`${source.name}: ${source.total} commits into ${options.url}/documents/${document}`);
    const { equal, lines } = await replay(source, document, options, process.stderr);
    for (const line of lines) console.log(line);
    return equal ? 0 : FAILED;
  } catch (error) {
    console.error(`replay: ${messageOf(error)}`);
    return error instanceof CannotReplay ? REFUSED : FAILED;
  }
}

process.exitCode = await main(process.argv.slice(2));
