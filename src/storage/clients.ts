import { LIMITS } from "../protocol/index.ts";
import { addAccepted, NONE_ACCEPTED } from "./accepted.ts";
import type { ClientRecord, KeptAnswer } from "./client-record.ts";
import type { ClientTable } from "./tables.ts";

export interface Clients {
  /** How many differ from their rows. */
  readonly dirty: number;
  get(id: string): Readonly<ClientRecord> | undefined;
  /** Notes that a counter was answered by the event `seq`. */
  accept(id: string, user: string | null, mutation: number, seq: number, time: number): void;
  /** Notes that a counter was answered by what is no event; it has to be written with the commit. */
  keep(id: string, user: string | null, answer: KeptAnswer, time: number): void;
  /** Writes the clients named, or all that differ from their rows. */
  write(ids?: Iterable<string>): void;
  /** They are in their rows now: those named, or all. */
  written(ids?: Iterable<string>): void;
}

/** Unchanged records kept in memory. */
const CLEAN_CLIENTS = 200;

export function createClients(table: ClientTable): Clients {
  const dirty = new Map<string, ClientRecord>();
  const clean = new Map<string, ClientRecord>();

  const get = (id: string): ClientRecord | undefined => {
    const known = dirty.get(id) ?? clean.get(id);
    if (known) return known;
    const record = table.get(id);
    if (!record) return undefined;
    keepClean(record);
    return record;
  };
  const keepClean = (record: ClientRecord) => {
    clean.set(record.id, record);
    for (const id of clean.keys()) {
      if (clean.size <= CLEAN_CLIENTS) break;
      clean.delete(id);
    }
  };
  const touch = (id: string, user: string | null, mutation: number, time: number): ClientRecord => {
    const record = get(id) ?? { id, user, mutation: 0, seen: time, answers: [], accepted: NONE_ACCEPTED };
    clean.delete(id);
    dirty.set(id, record);
    record.mutation = Math.max(record.mutation, mutation);
    record.seen = Math.max(record.seen, time);
    return record;
  };

  return {
    get dirty() {
      return dirty.size;
    },
    get,
    accept(id, user, mutation, seq, time) {
      const record = touch(id, user, mutation, time);
      record.accepted = addAccepted(record.accepted, mutation, seq);
    },
    keep(id, user, answer, time) {
      const record = touch(id, user, answer.mutation, time);
      record.answers = [...record.answers, answer].slice(-LIMITS.answersKept);
    },
    write(ids = dirty.keys()) {
      for (const id of ids) {
        const record = dirty.get(id);
        if (record) table.put(record);
      }
    },
    written(ids = [...dirty.keys()]) {
      for (const id of ids) {
        const record = dirty.get(id);
        if (record) keepClean(record);
        dirty.delete(id);
      }
    },
  };
}
