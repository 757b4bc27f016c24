import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, test } from "vitest";

/** A room of src/, the rooms it may import from, and the libraries it may use. Its own files are always open to it. */
interface Room {
  readonly rooms: readonly string[];
  readonly libraries: readonly string[];
}

const rooms: Readonly<Record<string, Room>> = {
  text: { rooms: [], libraries: [] },
  tree: { rooms: ["text"], libraries: [] },
  protocol: { rooms: ["tree", "text"], libraries: ["valibot"] },
  storage: { rooms: ["tree", "text", "protocol"], libraries: [] },
  session: { rooms: ["storage", "protocol", "tree", "text"], libraries: [] },
  access: { rooms: ["protocol"], libraries: ["jose"] },
  object: { rooms: ["access", "session", "protocol"], libraries: ["hono", "cloudflare:workers"] },
  "document-object": {
    rooms: ["object", "access", "session", "protocol"],
    libraries: ["hono", "cloudflare:workers"],
  },
  // The problems that it answers with itself look like those of the object.
  worker: {
    rooms: ["document-object", "object", "access", "protocol"],
    libraries: ["hono", "cloudflare:workers"],
  },
  "client/replica": { rooms: ["protocol", "tree", "text"], libraries: [] },
  "client/connection": { rooms: ["client/replica", "protocol", "tree"], libraries: [] },
  "client/keep": { rooms: ["client/connection", "client/replica", "protocol", "tree", "text"], libraries: ["idb"] },
  client: { rooms: ["client/keep", "client/connection", "client/replica", "protocol", "tree", "text"], libraries: [] },
  "client/text": { rooms: ["client", "client/replica", "protocol", "tree", "text"], libraries: [] },
  "client/undo": { rooms: ["client", "client/connection", "client/replica", "protocol", "tree"], libraries: [] },
  "client/index": {
    rooms: ["client", "client/undo", "client/text", "client/keep", "client/connection", "protocol", "tree", "text"],
    libraries: [],
  },
  history: {
    rooms: ["client", "client/index", "client/connection", "protocol", "tree"],
    libraries: [],
  },
  // It is given a text, and needs nothing else of the client.
  dom: { rooms: ["editors", "text"], libraries: [] },
  react: { rooms: ["client/index", "history", "tree"], libraries: ["react"] },
  // What the bindings of editors share.
  editors: { rooms: ["client/index", "text"], libraries: [] },
  codemirror: { rooms: ["editors", "client/index", "text"], libraries: ["@codemirror/state", "@codemirror/view"] },
  prosemirror: {
    rooms: ["editors", "client/index", "text"],
    libraries: ["prosemirror-model", "prosemirror-state", "prosemirror-transform", "prosemirror-view"],
  },
  testing: {
    rooms: ["client/keep", "client/connection", "session", "storage", "protocol", "tree"],
    libraries: [],
  },
};

/** Files that belong to the room of another. */
const roomOfFile: Readonly<Record<string, string>> = {
  "env.d": "worker",
  // What a client has of the document, which knows nothing of the rest.
  "client/difference": "client/replica",
  "client/step": "client/replica",
  "client/pending": "client/replica",
  "client/merging": "client/replica",
  "client/foresight": "client/replica",
  "client/removed": "client/replica",
  "client/saved-stacks": "client/replica",
};

/** Source texts by their path inside src/. */
type Sources = ReadonlyMap<string, string>;

/**
 * The innermost room: that of `tree/insert.ts` is `tree`, of `client/undo/stacks.ts` `client/undo`, of `worker.ts` `worker`;
 * undefined where no room has that name.
 */
function roomOf(path: string): string | undefined {
  const file = path.replace(/\.tsx?$/, "");
  for (let name = file; name !== "."; name = posix.dirname(name)) {
    const room = roomOfFile[name] ?? name;
    if (Object.hasOwn(rooms, room)) return room;
  }
  return undefined;
}

/** Every module that a source text imports, re-exports or loads, types included. */
function importsOf(source: string): string[] {
  const statements = [
    /^\s*(?:import|export)\b[^;"']*?\bfrom\s*["']([^"']+)["']/gm,
    /^\s*import\s*["']([^"']+)["']/gm,
    /\bimport\(\s*["'`]([^"'`]+)["'`]/g,
  ];
  return statements.flatMap((statement) => Array.from(source.matchAll(statement), (match) => match[1] ?? ""));
}

const isRelative = (specifier: string) => specifier.startsWith(".");

/** `hono/http-exception` is part of the library `hono`. */
const isPartOf = (specifier: string, library: string) => specifier === library || specifier.startsWith(`${library}/`);

/** The imports between rooms that have no arrow in the design. */
function reversedArrows(sources: Sources): string[] {
  return check(sources, (path, room, specifier) => {
    if (!isRelative(specifier)) return undefined;
    const target = posix.join(posix.dirname(path), specifier);
    if (target.startsWith("..")) return `src/${path} imports "${specifier}", which is outside src/`;
    const targetRoom = roomOf(target);
    if (targetRoom === undefined) return `src/${path} imports "${specifier}", which belongs to no room`;
    if (targetRoom === room || rooms[room]?.rooms.includes(targetRoom)) return undefined;
    return `src/${path} imports "${specifier}": ${room} may not know ${targetRoom}`;
  });
}

/** The libraries that are used in a room where they do not belong. */
function strangeLibraries(sources: Sources): string[] {
  return check(sources, (path, room, specifier) => {
    if (isRelative(specifier)) return undefined;
    if (rooms[room]?.libraries.some((library) => isPartOf(specifier, library))) return undefined;
    return `src/${path} imports "${specifier}": ${room} may not use it`;
  });
}

/** The files that no rule above would look at. */
function homelessFiles(sources: Sources): string[] {
  return [...sources.keys()].filter((path) => roomOf(path) === undefined).map((path) => `src/${path} is in no room`);
}

/** The files that would bring platform types into a room compiled without them. */
function typeReferences(sources: Sources): string[] {
  return [...sources]
    .filter(([, source]) => /^\s*\/\/\/\s*<reference/m.test(source))
    .map(([path]) => `src/${path} has a triple-slash reference`);
}

/** The loops that there may still be. */
/** The files that import each other, types included, directly or around: the strongly connected components (Tarjan). */
function loops(sources: Sources): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const open: string[] = [];
  /** The earliest file, by its place in the order, that this one leads back to. */
  const visit = (path: string): number => {
    const place = order.size;
    order.set(path, place);
    open.push(path);
    let earliest = place;
    for (const specifier of importsOf(sources.get(path) ?? "").filter(isRelative)) {
      const target = posix.join(posix.dirname(path), specifier);
      if (!sources.has(target)) continue;
      const known = order.get(target);
      if (known === undefined) earliest = Math.min(earliest, visit(target));
      else if (open.includes(target)) earliest = Math.min(earliest, known);
    }
    if (earliest === place) {
      const loop = open.splice(open.indexOf(path));
      if (loop.length > 1) found.push(loop.sort());
    }
    return earliest;
  };
  for (const path of sources.keys()) if (!order.has(path)) visit(path);
  return found;
}

function check(
  sources: Sources,
  verdict: (path: string, room: string, specifier: string) => string | undefined,
): string[] {
  const complaints: string[] = [];
  for (const [path, source] of sources) {
    const room = roomOf(path);
    if (room === undefined) continue; // homelessFiles tells
    for (const specifier of importsOf(source)) {
      const complaint = verdict(path, room, specifier);
      if (complaint !== undefined) complaints.push(complaint);
    }
  }
  return complaints;
}

function readSources(directory: string): Sources {
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" }).map((path) => path.replaceAll("\\", "/"));
  return new Map(
    paths
      .filter((path) => /\.tsx?$/.test(path) && !path.includes("node_modules/"))
      .map((path) => [path, readFileSync(`${directory}/${path}`, "utf8")]),
  );
}

describe("src/", () => {
  const sources = readSources("src");

  test("has files to look at, each of them in a room", () => {
    expect(sources.has("worker.ts")).toBe(true);
    expect(homelessFiles(sources)).toEqual([]);
  });

  test("imports only along the arrows of the design", () => {
    expect(reversedArrows(sources)).toEqual([]);
  });

  test("uses each library only in its room", () => {
    expect(strangeLibraries(sources)).toEqual([]);
  });

  test("brings in no types by reference", () => {
    expect(typeReferences(sources)).toEqual([]);
  });

  test("has no loops of imports", () => {
    expect(loops(sources)).toEqual([]);
  });
});

describe("bench/", () => {
  const sources = readSources("bench");

  test("has no loops of imports", () => {
    expect(sources.has("load/generator.ts")).toBe(true);
    expect(loops(sources)).toEqual([]);
  });
});

describe("the rules", () => {
  const source = (path: string, text: string): Sources => new Map([[path, text]]);

  test.each([
    ["tree/node.ts", 'import { decode } from "../protocol/index.ts";', "tree may not know protocol"],
    [
      "tree/node.ts",
      'import {\n  type Message,\n  decode,\n} from "../protocol/index.ts";',
      "tree may not know protocol",
    ],
    ["protocol/index.ts", 'export * from "../session.ts";', "protocol may not know session"],
    ["storage/log.ts", 'import type { Session } from "../session.ts";', "storage may not know session"],
    ["session.ts", 'type Env = import("./worker.ts").Env;', "session may not know worker"],
    ["session.ts", 'import "./object/http.ts";', "session may not know object"],
    ["object/http.ts", 'const worker = await import("../worker.ts");', "object may not know worker"],
    [
      "object/wires.ts",
      'import { DocumentObject } from "../document-object.ts";',
      "object may not know document-object",
    ],
    ["object/sql.ts", 'import type { Tables } from "../storage.ts";', "object may not know storage"],
    ["access/principal.ts", 'import type { Session } from "../session.ts";', "access may not know session"],
    ["client/replica.ts", 'import { Session } from "../session.ts";', "client/replica may not know session"],
    [
      "client/replica.ts",
      'import type { Link } from "./connection/link.ts";',
      "client/replica may not know client/connection",
    ],
    ["client/connection/link.ts", 'import "../keep/store.ts";', "client/connection may not know client/keep"],
    ["client/keep/saved.ts", 'import type { Engine } from "../engine.ts";', "client/keep may not know client"],
    ["client/engine.ts", 'import { createUndo } from "./undo/undo.ts";', "client may not know client/undo"],
    ["react/hooks.tsx", 'import { createUndo } from "../client/undo/undo.ts";', "react may not know client/undo"],
    ["dom/bind.ts", 'import { textOf } from "../client/index.ts";', "dom may not know client/index"],
    ["worker.ts", 'import { open } from "./helpers.ts";', "belongs to no room"],
    ["tree/node.ts", 'import { seed } from "../../scripts/seed.ts";', "outside src/"],
  ])("forbid an arrow: %s: %s", (path, text, complaint) => {
    expect(reversedArrows(source(path, text))).toEqual([expect.stringContaining(complaint)]);
  });

  test.each([
    ["tree/node.ts", 'import { object } from "valibot";'],
    ["session.ts", 'import { DurableObject } from "cloudflare:workers";'],
    ["storage.ts", 'import { DatabaseSync } from "node:sqlite";'],
    ["protocol/index.ts", 'import { Hono } from "hono/tiny";'],
  ])("forbid a library: %s: %s", (path, text) => {
    expect(strangeLibraries(source(path, text))).toEqual([expect.stringContaining(path)]);
  });

  test.each([
    ["tree/node.ts", 'import { order } from "./order.ts";'],
    ["session/join.ts", 'import { load } from "../storage.ts";'],
    ["document-object.ts", 'import { answer } from "./object/http.ts";\nimport { Session } from "./session.ts";'],
    [
      "worker.ts",
      'import { HTTPException } from "hono/http-exception";\nexport { DocumentObject } from "./document-object.ts";',
    ],
  ])("allow: %s: %s", (path, text) => {
    expect([...reversedArrows(source(path, text)), ...strangeLibraries(source(path, text))]).toEqual([]);
  });

  test("forbid a loop, also of types and around others", () => {
    const sources: Sources = new Map([
      ["tree/a.ts", 'import { b } from "./b.ts";\nimport { d } from "./d.ts";'],
      ["tree/b.ts", 'export * from "./c.ts";'],
      ["tree/c.ts", 'import type { A } from "./a.ts";'],
      ["tree/d.ts", 'import { c } from "./c.ts";\nimport { e } from "./e.ts";'],
      ["tree/e.ts", ""],
      ["tree/f.ts", 'import { a } from "./a.ts";\nimport { e } from "./e.ts";'],
    ]);
    expect(loops(sources)).toEqual([["tree/a.ts", "tree/b.ts", "tree/c.ts", "tree/d.ts"]]);
  });

  test("forbid a file in no room, and a reference to types", () => {
    expect(homelessFiles(source("helpers/index.ts", ""))).toEqual(["src/helpers/index.ts is in no room"]);
    expect(typeReferences(source("tree/node.ts", '/// <reference types="node" />'))).toHaveLength(1);
  });
});
