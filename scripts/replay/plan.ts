import type { NodeData, NodeId, Operation } from "../../src/tree/index.ts";
import { CannotReplay, type Change, type Commit } from "./commits.ts";

interface Folder {
  readonly kind: "folder";
  readonly id: NodeId;
  readonly name: string;
  /** Kept when the folder dies, like the file's. */
  readonly parent: Folder | null;
  readonly entries: Map<string, Entry>;
}
interface File {
  readonly kind: "file";
  readonly id: NodeId;
  name: string;
  blob: string;
  parent: Folder;
}
type Entry = Folder | File;

/** The tree as it is after the commits planned so far, and what each further commit does to it. */
export interface Planner {
  /** The operations that make a commit of the tree before it, in an order in which each prefix is a tree too. */
  plan(commit: Commit, index: number): Operation[];
  /** The tree so far, the way the server gives it out. */
  toData(): NodeData;
}

/**
 * Files and folders as nodes. Folders appear with their first file and go with their last; what git calls a rename is
 * a `move` of the same node. The ids depend on nothing but the history, so a replay that starts over finds its nodes.
 */
export function createPlanner(rootId: NodeId): Planner {
  const root: Folder = { kind: "folder", id: rootId, name: "", parent: null, entries: new Map() };
  return {
    plan: (commit, index) => planCommit(root, commit, index),
    toData: () => toData(root),
  };
}

/** What is going on in one commit, by what becomes of each node. */
interface Draft {
  readonly fail: (what: string) => never;
  readonly newId: () => NodeId;
  readonly newFolders: Folder[];
  readonly dead: Set<Entry>;
}

function planCommit(root: Folder, commit: Commit, index: number): Operation[] {
  let ids = 0;
  const draft: Draft = {
    fail: (what) => {
      throw new CannotReplay(`commit ${index}: ${what}`);
    },
    newId: () => `f${index}-${ids++}`,
    newFolders: [],
    dead: new Set(),
  };

  // First everything is looked up, so that all changes are read against the tree before them.
  const sources = lookUpSources(root, commit.changes, draft);
  const taken = (path: string): File => sources.get(path) ?? draft.fail(`${path} is not there`);

  // Then what goes or moves leaves its place: from here on each place is free that any change of the commit frees.
  const left: Folder[] = [];
  for (const change of commit.changes) {
    if (change[0] !== "remove" && change[0] !== "move") continue;
    const file = taken(change[1]);
    file.parent.entries.delete(file.name);
    left.push(file.parent);
    if (change[0] === "remove") draft.dead.add(file);
  }

  // Then everything takes its new place.
  const inserts: Operation[] = [];
  const changes: Operation[] = [];
  for (const change of commit.changes) {
    if (change[0] === "add") {
      const file = addFile(root, change[1], change[2], draft);
      const attrs = { name: file.name, blob: file.blob };
      inserts.push({ op: "insert", node: { id: file.id, type: "file", attrs }, parent: file.parent.id });
    } else if (change[0] === "modify") {
      const file = taken(change[1]);
      file.blob = change[2];
      changes.push({ op: "update", id: file.id, attrs: { blob: file.blob } });
    } else if (change[0] === "move") {
      changes.push(...moveFile(root, taken(change[1]), change[2], change[3], draft));
    }
  }
  for (const folder of left) buryEmpty(folder, draft.dead);

  // A removal takes its subtree along, so only the topmost ones are said. A dead file holds nothing that could move
  // out and goes first; a dead folder goes last, when what moves out of it has left.
  const removals = [...draft.dead].filter(({ parent }) => parent === null || !draft.dead.has(parent));
  const remove = (kind: Entry["kind"]): Operation[] =>
    removals.filter((entry) => entry.kind === kind).map(({ id }) => ({ op: "remove", id }));
  return [...remove("file"), ...draft.newFolders.map(insertFolder), ...inserts, ...changes, ...remove("folder")];
}

function lookUpSources(root: Folder, changes: readonly Change[], draft: Draft): Map<string, File> {
  const sources = new Map<string, File>();
  for (const [kind, path] of changes) {
    if (kind === "add") continue;
    if (sources.has(path)) draft.fail(`${path} is changed twice`);
    const file = find(root, path);
    if (file?.kind !== "file") draft.fail(`${path} is not there`);
    else sources.set(path, file);
  }
  return sources;
}

function find(root: Folder, path: string): Entry | undefined {
  let here: Entry | undefined = root;
  for (const name of path.split("/")) {
    if (here?.kind !== "folder") return undefined;
    here = here.entries.get(name);
  }
  return here;
}

function addFile(root: Folder, path: string, blob: string, draft: Draft): File {
  const { parent, name } = openPlace(root, path, draft);
  const file: File = { kind: "file", id: draft.newId(), name, blob, parent };
  parent.entries.set(name, file);
  return file;
}

function moveFile(root: Folder, file: File, path: string, blob: string, draft: Draft): Operation[] {
  const { parent, name } = openPlace(root, path, draft);
  const attrs = { ...(name !== file.name && { name }), ...(blob !== file.blob && { blob }) };
  Object.assign(file, { parent, name, blob });
  parent.entries.set(name, file);
  const move: Operation = { op: "move", id: file.id, parent: parent.id };
  return Object.keys(attrs).length > 0 ? [move, { op: "update", id: file.id, attrs }] : [move];
}

/** The folder and name of a path where a file is to stand, making the folders that are not there yet. */
function openPlace(root: Folder, path: string, draft: Draft): { parent: Folder; name: string } {
  const names = path.split("/");
  const name = names.pop() ?? "";
  let parent = root;
  for (const step of names) {
    const entry = parent.entries.get(step);
    if (entry?.kind === "file") draft.fail(`${path} would lie in a file`);
    else if (entry) parent = entry;
    else {
      const folder: Folder = { kind: "folder", id: draft.newId(), name: step, parent, entries: new Map() };
      parent.entries.set(step, folder);
      draft.newFolders.push(folder);
      parent = folder;
    }
  }
  const there = parent.entries.get(name);
  if (there?.kind === "file") draft.fail(`${path} is there already`);
  // A folder gives its place to a file if all its files have left.
  if (there?.kind === "folder") buryTree(there, () => draft.fail(`${path} is a folder that is not empty`), draft.dead);
  return { parent, name };
}

function buryTree(top: Folder, notEmpty: () => never, dead: Set<Entry>): void {
  const open = [top];
  for (let folder = open.pop(); folder; folder = open.pop()) {
    dead.add(folder);
    for (const entry of folder.entries.values()) {
      if (entry.kind === "file") notEmpty();
      else open.push(entry);
    }
  }
}

/** Folders that a file left, and those above them, die when nothing is left in them. */
function buryEmpty(from: Folder, dead: Set<Entry>): void {
  for (let folder = from; folder.entries.size === 0 && folder.parent; folder = folder.parent) {
    dead.add(folder);
    const { entries } = folder.parent;
    if (entries.get(folder.name) === folder) entries.delete(folder.name); // a file may stand there by now
  }
}

function insertFolder({ id, name, parent }: Folder): Operation {
  if (!parent) throw new Error("the root is not new");
  return { op: "insert", node: { id, type: "folder", attrs: { name } }, parent: parent.id };
}

function toData(root: Folder): NodeData {
  type Open = { id: NodeId; type: string; attrs: { name: string; blob?: string }; children?: Open[] };
  const top: Open = { id: root.id, type: "folder", attrs: { name: root.name } };
  const open = [{ folder: root, data: top }];
  for (let next = open.pop(); next; next = open.pop()) {
    next.data.children = [];
    for (const entry of next.folder.entries.values()) {
      const { id, name } = entry;
      const attrs = entry.kind === "file" ? { name, blob: entry.blob } : { name };
      const data: Open = { id, type: entry.kind, attrs };
      next.data.children.push(data);
      if (entry.kind === "folder") open.push({ folder: entry, data });
    }
  }
  return top;
}
