import { parseArgs } from "node:util";
import { ID_PATTERN } from "../../src/protocol/index.ts";

export interface Options {
  readonly path: string;
  /** Default: after the input's name. */
  readonly document: string | null;
  /** Without a slash at its end. */
  readonly url: string;
  readonly clients: number;
  readonly fresh: boolean;
  readonly patienceMs: number;
}

export const USAGE = `usage: npm run replay -- PATH [options]

Replays a history of files into a document, then compares the document with what the history ends with.
PATH is a git repository (bare or not: the first-parent history of HEAD) or a trace, NAME.jsonl or NAME.jsonl.gz.
Run again after an interruption, it goes on where the document ends.

  --document ID    the document to write (default: replay-NAME)
  --url URL        the server (default: http://localhost:8787)
  --clients N      that many connections, the authors dealt out among them (default: 1); slower, not faster, where
                   commits depend on each other: each change of client waits for a round trip
  --fresh          delete the document first
  --patience S     give up after S seconds without progress (default: 60)
  --help           this text

Exit code: 0 the document is equal; 1 it is not, or the replay failed or gave up on the way; 2 it could not run: wrong
arguments, no server, a PATH that is no history, a document that holds something else.`;

const MOST_CLIENTS = 256;

/** Reads the arguments: the options, `"help"`, or what is wrong with them. */
export function readOptions(args: readonly string[]): Options | "help" | { readonly problem: string } {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  const { values, positionals } = parsed;
  if (values.help) return "help";
  const [path] = positionals;
  const clients = Number(values.clients);
  const patience = Number(values.patience);
  const document = values.document ?? null;
  if (path === undefined) return { problem: "PATH is missing" };
  if (positionals.length > 1) return { problem: `one PATH, not ${positionals.length}` };
  if (!Number.isInteger(clients) || clients < 1 || clients > MOST_CLIENTS) {
    return { problem: `--clients is 1 to ${MOST_CLIENTS}, not ${values.clients}` };
  }
  if (!(patience > 0)) return { problem: `--patience is a number of seconds, not ${values.patience}` };
  if (document !== null && !ID_PATTERN.test(document)) return { problem: `${document} is no document id` };
  if (!/^https?:\/\/./.test(values.url)) return { problem: `--url is http://… or https://…, not ${values.url}` };
  const url = values.url.replace(/\/+$/, "");
  return { path, document, url, clients, fresh: values.fresh, patienceMs: 1_000 * patience };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      document: { type: "string" },
      url: { type: "string", default: "http://localhost:8787" },
      clients: { type: "string", default: "1" },
      fresh: { type: "boolean", default: false },
      patience: { type: "string", default: "60" },
      help: { type: "boolean", default: false, short: "h" },
    },
  });
}
