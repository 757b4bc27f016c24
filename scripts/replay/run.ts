import type { Source } from "./commits.ts";
import { flattenTree } from "./flatten.ts";
import { createGate, type Gate } from "./gate.ts";
import { historyProblem } from "./history.ts";
import { knock } from "./http.ts";
import { type Link, openLink } from "./link.ts";
import { differences } from "./listing.ts";
import type { Options } from "./options.ts";
import { type Poured, pour } from "./pour.ts";
import { type Output, type Progress, showProgress } from "./progress.ts";
import { whereToGoOn } from "./resume.ts";
import { openServer, type Server } from "./server.ts";

/** What came of a replay. */
export interface Outcome {
  readonly equal: boolean;
  readonly lines: readonly string[];
}

const SHOWN = 50;

/** Replays a source into a document and checks what the document then holds. */
export async function replay(source: Source, document: string, options: Options, out: Output): Promise<Outcome> {
  const server = openServer(options.url, document, options.patienceMs);
  await knock(options.url, options.patienceMs);
  if (options.fresh) await server.remove();
  const root = await server.open(source.name);
  const progress: Progress = { done: 0, skipped: 0, reconnects: 0 };
  const started = performance.now();
  const stopShowing = showProgress(progress, source.total, out);
  const poured = await send(source, document, server, root, options, progress).finally(stopShowing);
  const seconds = (performance.now() - started) / 1_000;

  const count = progress.done - progress.skipped;
  const lines = [
    `${count} commits in ${seconds.toFixed(1)} s, ${Math.round(count / seconds)}/s, clients: ${options.clients}, \
reconnects: ${progress.reconnects}${progress.skipped > 0 ? `; ${progress.skipped} commits were there already` : ""}`,
  ];
  if (poured.split > 0) lines.push(`${poured.split} commits were too large for one mutation and were split`);
  const verdict = await compare(source, server, root, poured.expected);
  return { equal: verdict.equal, lines: [...lines, ...verdict.lines] };
}

/** Connects, finds where to go on, and sends the rest of the history. */
async function send(
  source: Source,
  document: string,
  server: Server,
  root: string,
  options: Options,
  progress: Progress,
): Promise<Poured> {
  const gate = createGate(options.patienceMs);
  const links = openLinks(server.socketUrl, document, options.clients, gate, progress);
  try {
    // An earlier run may have left something on the way; once its clients are replaced nothing more of it arrives.
    await gate.until(() => links.every((link) => link.isReady()));
    const resume = await whereToGoOn(server, root);
    return await pour({ source, server, root, resume, links, gate, progress });
  } finally {
    for (const link of links) link.close();
  }
}

function openLinks(url: string, document: string, count: number, gate: Gate, progress: Progress): Link[] {
  // The same names in each run: that is how a run replaces the connections of an earlier one.
  const clients = Array.from({ length: count }, (_, index) => `replay-${index}-${document}`.slice(0, 128));
  const ours = new Set(clients);
  return clients.map((client) =>
    openLink({
      url,
      client,
      ours,
      gate,
      onAnswer({ mutation: { at } }) {
        if (at.part + 1 === at.parts) progress.done++;
      },
      onReconnect() {
        progress.reconnects++;
      },
    }),
  );
}

async function compare(
  source: Source,
  server: Server,
  root: string,
  folded: ReadonlyMap<string, string>,
): Promise<Outcome> {
  const history = await historyProblem(server, source.total);
  const tree = flattenTree(await server.tree(root));
  const expected = [{ name: "the fold of the changes", listing: folded }, ...(await source.finals())];
  const wrong = expected.flatMap(({ name, listing }) =>
    differences(listing, tree.files).map((line) => `${line} (by ${name})`),
  );
  wrong.push(...tree.oddities);
  return {
    equal: wrong.length === 0 && history === null,
    lines: [
      `history: ${history ?? `each of ${source.total} commits once and in order`}`,
      ...(wrong.length === 0
        ? [`equal: ${tree.files.size} files, by ${expected.map(({ name }) => name).join(" and by ")}`]
        : [...wrong.slice(0, SHOWN), `not equal: ${wrong.length} differences`]),
    ],
  };
}
