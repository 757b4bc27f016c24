import { isDeepStrictEqual } from "node:util";
import { eventsOf, isRejection } from "../../src/storage.ts";
import {
  applyEvent,
  checkTree,
  countAll,
  fromData,
  type MapStore,
  type NodeData,
  type NodeRecord,
  PROVENANCE,
} from "../../src/tree/index.ts";
import type { Remains } from "./remains.ts";
import type { Answer } from "./wire-client.ts";

/** Someone who mutates, and what it was told. */
export interface Witness {
  readonly name: string;
  /** In the order in which they came. */
  readonly answers: ReadonlyMap<number, Answer>;
  /** The last event that it has heard of. */
  readonly heard: number;
  /** Whether a counter was used and has no answer. */
  awaits(mutation: number): boolean;
}

/** What one look at the remains has found. */
export interface Finding {
  /** Empty when all is well. */
  readonly problems: readonly string[];
  readonly seq: number;
  readonly checkpointSeq: number;
  /** Milliseconds between the last event of the checkpoint and the last event. */
  readonly sinceCheckpoint: number;
  /** Events that are in the log and whose authors do not know it. */
  readonly unheard: number;
}

export interface Audit {
  /** Compares what is left with what everybody was told; costs the whole tree, but only the log since the last look. */
  look(remains: Remains, witnesses: readonly Witness[]): Finding;
}

/** One fault can have a thousand consequences. */
const TOLD = 20;
/** Rejections that are kept of a client are a few more than this. */
const REJECTIONS = 200;

/** `start`: what the document was created with. */
export function createAudit(start: NodeData): Audit {
  /** The whole log applied to an empty tree: what every checkpoint with the log after it has to come to. */
  let truth: MapStore | null = null;
  const seqs = new Map<string, number>();
  const checked = new Map<string, number>();
  let seq = 0;

  const readLog = ({ stored }: Remains, problems: string[]): [client: string, mutation: number][] => {
    const fresh: [string, number][] = [];
    for (const commit of stored.log.after(seq)) {
      for (const event of eventsOf(commit)) {
        if (event.seq <= seq) continue;
        if (event.seq !== seq + 1) problems.push(`S1: seq ${event.seq} follows ${seq} in the log`);
        seq = event.seq;
        // With the salt of this document, what is gone hangs together in the same way.
        truth ??= fromData(start, () => "no-id", stored.nodes.places, PROVENANCE);
        applyEvent(truth, event);
        const { client, mutation } = event;
        if (client === null || mutation === null) continue;
        const earlier = seqs.get(`${client} ${mutation}`);
        if (earlier !== undefined) problems.push(`S4: mutation ${mutation} of ${client} is seq ${earlier} and ${seq}`);
        seqs.set(`${client} ${mutation}`, seq);
        fresh.push([client, mutation]);
      }
    }
    if (stored.seq !== seq)
      problems.push(`S3, D4: the document reloads with seq ${stored.seq}, its log ended at ${seq}`);
    return fresh;
  };

  const checkAnswers = ({ stored }: Remains, { name, answers, heard }: Witness, problems: string[]) => {
    if (heard > stored.seq) problems.push(`S2: ${name} has heard of seq ${heard}, the log ends at ${stored.seq}`);
    const record = stored.clients.get(name);
    const kept = record?.answers ?? [];
    const rejections = new Map(kept.map((each) => [each.mutation, isRejection(each) ? each.code : "unchanged"]));
    const fresh = [...answers].slice(checked.get(name) ?? 0);
    checked.set(name, answers.size);
    const rejected = new Set(fresh.filter(([, answer]) => "code" in answer).slice(-REJECTIONS));
    for (const entry of fresh) {
      const [mutation, answer] = entry;
      const found = seqs.get(`${name} ${mutation}`);
      if (mutation > (record?.mutation ?? 0)) {
        problems.push(
          `S4: ${mutation} of ${name} was answered, the object knows no higher one than ${record?.mutation}`,
        );
      }
      if ("seq" in answer) {
        if (found !== answer.seq) {
          problems.push(`S3: ${mutation} of ${name} was acknowledged as seq ${answer.seq}, the log has it as ${found}`);
        }
      } else {
        if (found !== undefined) problems.push(`S4: ${mutation} of ${name} was rejected, the log has it as ${found}`);
        if (rejected.has(entry) && rejections.get(mutation) !== answer.code) {
          const kept = rejections.get(mutation) ?? "nothing";
          problems.push(`S4: ${mutation} of ${name} was rejected with ${answer.code}, the object remembers ${kept}`);
        }
      }
    }
  };

  return {
    look(remains, witnesses) {
      const problems: string[] = [];
      const { stored, checkpointTime } = remains;
      const fresh = readLog(remains, problems);
      for (const witness of witnesses) checkAnswers(remains, witness, problems);
      const awaited = ([client, mutation]: [string, number]) =>
        witnesses.some(({ name, awaits }) => name === client && awaits(mutation));
      if (truth) problems.push(...compareTrees(remains, truth));
      return {
        problems: problems.slice(0, TOLD),
        seq,
        checkpointSeq: stored.checkpointSeq,
        sinceCheckpoint: stored.time - checkpointTime,
        unheard: fresh.filter(awaited).length,
      };
    },
  };
}

/** D3, D4: the rows of the checkpoint with the log after it are the whole log; T: and a sound tree. */
function compareTrees({ stored, records }: Remains, truth: MapStore): string[] {
  // The truth counts what is removed at once.
  for (const _ of countAll(stored.nodes, 1_000));
  const all = records([...truth.records()].map(({ id }) => id));
  const problems = checkTree(stored.nodes, all.values()).map((problem) => `the stored tree: ${problem}`);
  const expected = new Map([...truth.records()].map((record) => [record.id, record]));
  for (const id of new Set([...expected.keys(), ...all.keys()])) {
    const [has, should] = [all.get(id), expected.get(id)];
    // Text is equal mostly, and if not, it may be the order of attributes.
    if (JSON.stringify(has) === JSON.stringify(should) || isDeepStrictEqual(has, should)) continue;
    problems.push(`D3, D4: the stored tree has ${brief(has)}, the log says ${brief(should)}`);
  }
  if (stored.nodes.size !== truth.size) {
    problems.push(`D4: the stored tree says it has ${stored.nodes.size} live nodes, the log ${truth.size}`);
  }
  return problems;
}

function brief(record: Readonly<NodeRecord> | undefined): string {
  // Of a long attribute the beginning says enough.
  return record
    ? JSON.stringify(record, (_, value) => (typeof value === "string" ? value.slice(0, 20) : value))
    : "nothing";
}
