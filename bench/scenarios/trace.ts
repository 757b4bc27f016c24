import { existsSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { Listing } from "../../scripts/replay/commits.ts";
import { flattenTree } from "../../scripts/replay/flatten.ts";
import { differences, foldCommit } from "../../scripts/replay/listing.ts";
import { createPlanner } from "../../scripts/replay/plan.ts";
import { openTrace } from "../../scripts/replay/trace.ts";
import { type Connection, connect } from "../load/connection.ts";
import type { Frame, Mutation } from "../load/protocol.ts";
import type { Section } from "../report/section.ts";
import { type Contestant, createNotes, eachInTurn, type Scene, type Stage, withDocument } from "./scene.ts";

/** Where the traces are, beside the project. */
const TRACES = ["hono", "sharedb"].map((name) =>
  fileURLToPath(new URL(`../../../shared/traces/${name}.jsonl.gz`, import.meta.url)),
);

/** Milliseconds after which a replay is broken off; what was done by then counts. */
const LIMIT = 30_000;

const TEXT = [
  `The first-parent histories of two public repositories as edits of a tree: files and folders are nodes, a commit is a
mutation, a rename is a move. Every author is a client with a socket of its own, and everyone is there from the beginning
to the end. An author sends a commit when it has seen all commits before it, so each hand-over is a round trip, and each
commit goes to everyone. At the end every client has to have heard of every commit once; durable-grove's tree is compared
with the repository's files. A replay is broken off after ${LIMIT / 1000} s. (Alone, without hand-overs: \`npm run replay\`.)`,
];

interface Replayed {
  readonly commits: number;
  readonly seconds: number;
}

interface Trace {
  readonly name: string;
  readonly mutations: readonly { readonly author: string; readonly ops: Mutation }[];
  readonly authors: readonly string[];
  readonly files: Listing;
}

/** Real histories, every author a client. */
export async function traces(scene: Scene): Promise<Section> {
  const { contestants, scale, note } = scene;
  const notes = createNotes();
  const broken: string[] = [];
  const present = TRACES.slice(TRACES.length - scale.traces).filter((file) => existsSync(file));
  const read = await Promise.all(present.map(readTrace));
  for (const trace of read) {
    await eachInTurn(scene, `the history of ${trace.name}`, 1, async (who) => {
      const { commits, seconds } = await withDocument(who, 0, (stage) => replay(who, stage, trace));
      const { title, name } = who.system;
      notes.add(`${trace.name} ${name}`, commits / seconds);
      note(`trace ${trace.name}, ${name}: ${commits} commits in ${seconds.toFixed(1)} s`);
      if (commits < trace.mutations.length) {
        broken.push(`${title} had replayed ${commits} of ${trace.mutations.length} commits of ${trace.name} by then.`);
      }
    });
  }
  return {
    id: "traces",
    title: "Real histories",
    text: read.length === 0 ? [...TEXT, "Not run: the traces are not here."] : [...TEXT, ...broken],
    tables: [
      {
        title: "Commits a second",
        head: ["history", "commits", "authors", ...contestants.map(({ system }) => system.title)],
        rows: read.map(({ name, mutations, authors }) => [
          name,
          mutations.length,
          authors.length,
          ...contestants.map(({ system }) => notes.spread(`${name} ${system.name}`)?.median ?? null),
        ]),
      },
    ],
    charts: [],
    bars: [],
  };
}

async function readTrace(file: string): Promise<Trace> {
  const source = await openTrace(file);
  const planner = createPlanner("root");
  const files = new Map<string, string>();
  const mutations: { author: string; ops: Mutation }[] = [];
  let index = 0;
  for await (const commit of source.commits()) {
    const ops = planner.plan(commit, index++);
    foldCommit(files, commit);
    if (ops.length > 0) mutations.push({ author: commit.author, ops });
  }
  return {
    name: basename(file, ".jsonl.gz"),
    mutations,
    authors: [...new Set(mutations.map(({ author }) => author))],
    files,
  };
}

/** How many commits everyone has heard of, and seconds from the first one until then. */
async function replay({ system, protocol }: Contestant, stage: Stage, trace: Trace): Promise<Replayed> {
  const { mutations, authors } = trace;
  const clients = new Map<string, Connection>();
  const encoders = new Map<string, (mutation: Mutation) => Frame>();
  const shared = protocol.anyoneSends ? protocol.encoder("everyone", []) : null;
  let next = 0;
  let over = () => {};
  let failed = (_error: Error) => {};
  const advance = () => {
    for (let commit = mutations[next]; commit; commit = mutations[next]) {
      const author = clients.get(commit.author);
      const encode = encoders.get(commit.author);
      if (!author || !encode || author.delivered < next) return;
      next++;
      author.send(encode(commit.ops));
    }
    for (const client of clients.values()) if (client.delivered < mutations.length) return;
    over();
  };
  for (const author of authors) {
    clients.set(
      author,
      await connect(protocol, stage.address(), author, { onFrame: advance, onFailure: (error) => failed(error) }),
    );
    encoders.set(author, shared ?? protocol.encoder(author, []));
  }
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    const limit = setTimeout(resolve, LIMIT);
    over = () => {
      clearTimeout(limit);
      resolve();
    };
    failed = reject;
    advance();
  });
  const seconds = (performance.now() - start) / 1000;
  const commits = Math.min(...[...clients.values()].map(({ delivered }) => delivered));
  for (const { delivered } of clients.values()) {
    if (delivered > mutations.length) throw new Error(`a client heard of ${delivered} of ${mutations.length} commits`);
  }
  if (system.name === "grove" && commits === mutations.length) await compare(stage, trace.files);
  next = mutations.length; // whoever was broken off writes no more
  for (const client of clients.values()) await client.close();
  return { commits, seconds };
}

async function compare({ served, address }: Stage, files: Listing): Promise<void> {
  const response = await fetch(`${served.url}/documents/${address().document}/tree`);
  const { tree }: { tree: unknown } = JSON.parse(await response.text());
  const wrong = [...differences(files, flattenTree(tree).files)];
  if (wrong.length > 0) throw new Error(`the tree is not the repository's: ${wrong.slice(0, 5).join(", ")}`);
}
