import { addAccepted, NONE_ACCEPTED } from "./accepted.ts";
import { bytesOfAnswers, type ClientRecord, clientRowText, type KeptAnswer, withAnswer } from "./client-record.ts";
import type { ClientTable, RowTexts } from "./tables.ts";

export interface Clients {
  /** How many differ from their rows, and about how many bytes they take. */
  readonly dirty: number;
  readonly dirtyWeight: number;
  get(id: string): Readonly<ClientRecord> | undefined;
  /** Notes that a counter was answered by the event `seq`. */
  accept(id: string, user: string | null, mutation: number, seq: number, time: number): void;
  /** Notes that a counter was answered by what is no event; it has to be written with the commit. */
  keep(id: string, user: string | null, answer: KeptAnswer, time: number): void;
  /** Writes the clients named, or all that differ from their rows. */
  write(ids?: Iterable<string>): void;
  /** They are in their rows now: those named, or all. */
  written(ids?: Iterable<string>): void;
  /** All of them as they are now, to be read while they change. */
  freeze(rows: RowTexts): FrozenClients;
}

export interface FrozenClients {
  /** The texts of their rows. */
  rows(): Generator<string>;
  /** More have changed since than may be remembered: what is read from now on is worth nothing. */
  readonly overtaken: boolean;
  release(): void;
}

/** Clients that have changed since and are remembered as they were. */
const MOST_REMEMBERED = 20_000;

/** Unchanged records kept in memory, and bytes of them. */
const CLEAN_CLIENTS = 200;
const CLEAN_WEIGHT = 1024 * 1024;

/** A record in memory, and what it takes. */
interface Held {
  readonly record: ClientRecord;
  /** Of its answers as JSON: measured once, as each of 256 would be at every answer otherwise. */
  answerBytes: number;
  weight: number;
}

export function createClients(table: ClientTable): Clients {
  const dirty = new Map<string, Held>();
  const clean = new Map<string, Held>();
  let cleanWeight = 0;
  let dirtyWeight = 0;
  /** What those who read them all have to remember: clients as they were, null where there was none, of rows not read yet. */
  const frozen = new Set<{ readonly images: Map<string, Readonly<ClientRecord> | null>; passed: string }>();

  const find = (id: string): Held | undefined => {
    const known = dirty.get(id) ?? clean.get(id);
    if (known) return known;
    const record = table.get(id);
    if (!record) return undefined;
    const answerBytes = bytesOfAnswers(record.answers);
    const held = { record, answerBytes, weight: weigh(record, answerBytes) };
    keepClean(held);
    return held;
  };
  const keepClean = (held: Held) => {
    clean.set(held.record.id, held);
    cleanWeight += held.weight;
    for (const id of clean.keys()) {
      if (clean.size <= CLEAN_CLIENTS && cleanWeight <= CLEAN_WEIGHT) break;
      takeClean(id);
    }
  };
  const takeClean = (id: string) => {
    cleanWeight -= clean.get(id)?.weight ?? 0;
    clean.delete(id);
  };
  const touch = (id: string, user: string | null, mutation: number, time: number): Held => {
    const known = find(id);
    for (const { images, passed } of frozen)
      if (id > passed && !images.has(id)) images.set(id, known ? { ...known.record } : null);
    const held = known ?? { record: bornRecord(id, user, time), answerBytes: 0, weight: 0 };
    takeClean(id);
    if (!dirty.has(id)) dirtyWeight += held.weight;
    dirty.set(id, held);
    const { record } = held;
    record.mutation = Math.max(record.mutation, mutation);
    record.seen = Math.max(record.seen, time);
    return held;
  };
  const reweigh = (held: Held) => {
    const weight = weigh(held.record, held.answerBytes);
    dirtyWeight += weight - held.weight;
    held.weight = weight;
  };

  return {
    get dirty() {
      return dirty.size;
    },
    get dirtyWeight() {
      return dirtyWeight;
    },
    get: (id) => find(id)?.record,
    accept(id, user, mutation, seq, time) {
      const held = touch(id, user, mutation, time);
      held.record.accepted = addAccepted(held.record.accepted, mutation, seq);
      reweigh(held);
    },
    keep(id, user, answer, time) {
      const held = touch(id, user, answer.mutation, time);
      const { answers, bytes } = withAnswer(held.record.answers, held.answerBytes, answer);
      held.record.answers = answers;
      held.answerBytes = bytes;
      reweigh(held);
    },
    write(ids = dirty.keys()) {
      for (const id of ids) {
        const held = dirty.get(id);
        if (held) table.put(held.record);
      }
    },
    written(ids = [...dirty.keys()]) {
      for (const id of ids) {
        const held = dirty.get(id);
        if (!held) continue;
        dirty.delete(id);
        dirtyWeight -= held.weight;
        keepClean(held);
      }
    },
    freeze(rows) {
      const images = new Map<string, Readonly<ClientRecord> | null>();
      for (const [id, { record }] of dirty) images.set(id, { ...record });
      const most = images.size + MOST_REMEMBERED;
      const moment = { images, passed: "" };
      frozen.add(moment);
      return {
        *rows() {
          for (const { id, text } of rows.clients()) {
            moment.passed = id;
            const image = images.get(id);
            if (image === undefined) yield text;
            else if (image) {
              images.set(id, null);
              yield clientRowText(image);
            }
          }
          // The others have no row yet.
          for (const image of images.values()) if (image) yield clientRowText(image);
        },
        get overtaken() {
          return images.size > most;
        },
        release() {
          frozen.delete(moment);
          images.clear();
        },
      };
    },
  };
}

function bornRecord(id: string, user: string | null, time: number): ClientRecord {
  return { id, user, mutation: 0, seen: time, answers: [], accepted: NONE_ACCEPTED };
}

/** What a record takes in memory beside its answers, about, and one of its runs, and one of its answers beside its text. */
const RECORD_WEIGHT = 400;
const RUN_WEIGHT = 64;
const ANSWER_WEIGHT = 150;

function weigh({ id, answers, accepted }: ClientRecord, answerBytes: number): number {
  return RECORD_WEIGHT + id.length + RUN_WEIGHT * accepted.runs.length + ANSWER_WEIGHT * answers.length + answerBytes;
}
