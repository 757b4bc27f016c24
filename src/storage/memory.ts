import { byteLength, LIMITS, type Version } from "../protocol/index.ts";
import { type NodeId, type NodeRecord, nodeText, weighRecord } from "../tree/index.ts";
import type { ClientRecord } from "./client-record.ts";
import { createMemoryLog } from "./memory-log.ts";
import { createMemoryRows } from "./memory-rows.ts";
import { rowText } from "./node-rows.ts";
import { SHAPE } from "./skips.ts";
import type { Tables } from "./tables.ts";

/** What a client takes beside its answers, about. */
const CLIENT_BYTES = 200;
/** What a version takes beside its texts, about. */
const VERSION_BYTES = 100;

interface SkipRow {
  readonly level: number;
  readonly last: number;
  readonly body: string;
}

interface MemoryLimits {
  /** Characters of the log; the oldest commits are let go first. Default 16 Mi. */
  readonly logCharacters?: number;
  /** Bytes in all; null: any number. */
  readonly capacity?: number | null;
}

/**
 * The tables of a document in memory and nowhere else: for scratch documents and for tests. They are gone when the
 * object sleeps.
 */
export function createMemoryTables({ logCharacters, capacity = LIMITS.memoryBytes }: MemoryLimits = {}): Tables {
  const meta = new Map<string, string>();
  const nodes = new Map<NodeId, NodeRecord>();
  const clients = new Map<string, ClientRecord>();
  /** Nodes as they were before a checkpoint that is not finished. */
  const kept = new Map<NodeId, NodeRecord | null>();
  /** Each by its level and its seq. */
  const skips = new Map<string, SkipRow>();
  const versions = new Map<string, Version>();
  let log = createMemoryLog(logCharacters);
  let weight = 0;
  /** How to take back what the transactions under way have written, the newest last. */
  let undo: (() => void)[] = [];
  let depth = 0;

  const noteUndo = (step: () => void) => {
    if (depth > 0) undo.push(step);
  };
  const takeBack = (start: number) => {
    for (const step of undo.splice(start).reverse()) step();
  };
  const replace = <K, V>(map: Map<K, V>, key: K, value: V | undefined, bytesOf: (value: V) => number) => {
    const old = map.get(key);
    weight += (value === undefined ? 0 : bytesOf(value)) - (old === undefined ? 0 : bytesOf(old));
    if (value === undefined) map.delete(key);
    else map.set(key, value);
    return old;
  };
  const set = <K, V>(map: Map<K, V>, key: K, value: V | undefined, bytesOf: (value: V) => number) => {
    const old = replace(map, key, value, bytesOf);
    noteUndo(() => void replace(map, key, old, bytesOf));
  };

  const putNode = (record: NodeRecord) => set(nodes, record.id, record, weighRecord);
  const tables: Tables = {
    exists: () => meta.size + nodes.size + clients.size > 0 || log.oldest() !== null,
    prepare: () => {},
    clear() {
      const saved = {
        meta: [...meta],
        nodes: [...nodes],
        clients: [...clients],
        kept: [...kept],
        skips: [...skips],
        versions: [...versions],
        log,
        weight,
      };
      meta.clear();
      nodes.clear();
      clients.clear();
      kept.clear();
      skips.clear();
      versions.clear();
      log = createMemoryLog(logCharacters);
      weight = 0;
      noteUndo(() => {
        for (const [key, value] of saved.meta) meta.set(key, value);
        for (const [id, node] of saved.nodes) nodes.set(id, node);
        for (const [id, client] of saved.clients) clients.set(id, client);
        for (const [id, node] of saved.kept) kept.set(id, node);
        for (const [key, row] of saved.skips) skips.set(key, row);
        for (const [id, version] of saved.versions) versions.set(id, version);
        ({ log, weight } = saved);
      });
    },
    transaction(work) {
      const start = undo.length;
      depth++;
      try {
        return work();
      } catch (error) {
        takeBack(start);
        throw error;
      } finally {
        depth--;
        if (depth === 0) undo = [];
      }
    },
    meta: {
      get: (key) => meta.get(key),
      put: (key, value) => set(meta, key, value, () => 0),
    },
    nodes: {
      get: (id) => copyOf(nodes.get(id)),
      existing: (ids) => ids.filter((id) => nodes.has(id)),
      *scan() {
        for (const id of [...nodes.keys()].sort()) {
          const record = nodes.get(id);
          if (!record) continue;
          const { attrs, ...text } = nodeText(record);
          yield { ...text, attrs: record.removed === null ? attrs : null };
        }
      },
      *rows() {
        for (const id of [...nodes.keys()].sort()) {
          const record = nodes.get(id);
          if (record) yield { id, text: rowText(record, false) };
        }
      },
      *pages(bare, leaveOut) {
        for (const id of [...nodes.keys()].sort()) {
          const record = nodes.get(id);
          if (!record) continue;
          const isOut = leaveOut([record]).length > 0 || (bare && record.removed !== null);
          yield isOut ? null : { count: 1, rows: `[${rowText(record, bare)}]` };
        }
      },
      walk(from) {
        const record = nodes.get(from);
        return new Map(record ? [[from, { ...record }]] : []);
      },
      stems: (from) =>
        from.flatMap((each) => {
          const record = nodes.get(each);
          return record ? [{ ...record }] : [];
        }),
      removed({ after, until }) {
        const found: NodeId[] = [];
        for (const { id, removed } of nodes.values())
          if (id > after && removed !== null && removed <= until) found.push(id);
        return { found: found.sort(), last: null };
      },
      uncounted(after) {
        const behind = [...nodes.values()].filter(({ id }) => id > after);
        const branches = behind.filter(({ removed, order }) => removed !== null && !order?.counted);
        return { found: branches.map(({ id }) => id), last: null };
      },
      write(changes) {
        for (const [id, record] of changes) set(nodes, id, record ? { ...record } : undefined, weighRecord);
      },
      keep(ids) {
        for (const id of ids) set(kept, id, copyOf(nodes.get(id)) ?? null, () => 0);
      },
      forgetKept() {
        for (const id of [...kept.keys()]) set(kept, id, undefined, () => 0);
      },
      putBack() {
        for (const [id, record] of [...kept]) {
          set(nodes, id, record ?? undefined, weighRecord);
          set(kept, id, undefined, () => 0);
        }
      },
    },
    clients: {
      get: (id) => copyOf(clients.get(id)),
      put: (record) => set(clients, record.id, { ...record }, weighClient),
    },
    log: {
      append(commit) {
        const gone = log.append(commit);
        noteUndo(() => {
          log.takeBack();
          log.putBack(gone);
        });
      },
      at: (seq) => log.at(seq),
      after: (seq, since) => log.after(seq, since),
      backward: (before) => log.backward(before),
      sizes: (after) => log.sizes(after),
      oldest: () => log.oldest(),
      drop(first) {
        const gone = log.drop(first);
        noteUndo(() => log.putBack(gone));
      },
    },
    skips: {
      shape: SHAPE,
      has: (level, last) => skips.has(`${level} ${last}`),
      get: (level, last) => skips.get(`${level} ${last}`)?.body,
      put: (level, last, body) =>
        set(skips, `${level} ${last}`, { level, last, body }, ({ body: { length } }) => length),
      drop(level, last) {
        for (const [key, row] of [...skips])
          if (row.level === level && row.last <= last) set(skips, key, undefined, ({ body }) => body.length);
      },
    },
    versions: {
      all: () => [...versions.values()],
      put: (version) => set(versions, version.id, version, weighVersion),
      delete: (id) => set(versions, id, undefined, weighVersion),
    },
    get rows() {
      return rows;
    },
    takeRowsWritten: () => 0,
    get bytes() {
      return weight + log.characters;
    },
    capacity,
  };
  const rows = createMemoryRows({
    ...{ log: tables.log, clients: tables.clients, skips: tables.skips, putNode },
    allClients: () => clients.values(),
    allSkips: () => skips.values(),
  });
  return tables;
}

function copyOf<T extends object>(record: T | undefined): T | undefined {
  return record && { ...record };
}

function weighVersion({ id, name, userId }: Version): number {
  return VERSION_BYTES + id.length + byteLength(`${name}${userId}`);
}

function weighClient({ id, answers, accepted }: ClientRecord): number {
  return CLIENT_BYTES + id.length + byteLength(JSON.stringify({ answers, accepted }));
}
