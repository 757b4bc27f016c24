import {
  attrsProblem,
  cutMessage,
  eventText,
  LIMITS,
  type Meta,
  type MutationAnswer,
  type Notice,
  type Principal,
  type Problem,
  type Result,
  success,
  type TreeEvent,
} from "../protocol/index.ts";
import { editsTexts, isRejection, type KeptAnswer, type StoredDocument, textEventOf, unchangedOf } from "../storage.ts";
import {
  type Asked,
  approvedBy,
  createBudget,
  type Inverse,
  isOnText,
  isUndo,
  type Lost,
  mutate,
  type Operation,
  type Receipts,
  type Rejected,
} from "../tree/index.ts";
import { answerOf } from "./answers.ts";
import { type Authorizing, approval } from "./authorizing.ts";
import { createOlderTexts } from "./older-texts.ts";
import { historyOf } from "./past.ts";
import { type FrameLooks, renewUndo, sightOf, UNDO_CHARACTERS } from "./sight.ts";
import { createTextViews } from "./text-sight.ts";
import { SAW_ALL, type TextView } from "./text-view.ts";
import { COPIED, MARKED, MET, workOf } from "./work.ts";

/** A mutation to be decided. `client` and `mutation` are both there or both null. */
export interface Submission {
  readonly principal: Principal;
  readonly client: string | null;
  readonly mutation: number | null;
  readonly base?: number | undefined;
  readonly ops: readonly Operation[];
  readonly meta?: Meta | undefined;
  /** What its client has sent behind it waits where it is refused and concerns texts: it was made where that was seen. */
  readonly holds?: boolean | undefined;
}

export type Outcome = Result<MutationAnswer>;

/** What was committed together. */
export interface Committed {
  readonly texts: readonly string[];
  /** The answers that are no events. */
  readonly answers: readonly ClientAnswer[];
}

export interface ClientAnswer {
  readonly client: string;
  readonly answer: KeptAnswer;
}

/**
 * What has been decided and waits for its commit. The tree in memory has the waiting mutations already; nobody else
 * may see it before `commit` has put them into the log.
 */
export interface Waiting {
  /** How many events and other answers wait. */
  readonly count: number;
  /** Characters of the waiting events; with what undoes them. */
  readonly characters: number;
  readonly logged: number;
  /** Characters that were read for undos and are kept. */
  readonly read: number;
  /**
   * `looks` is what may be looked at for all that comes with it. With `full` it was not decided, its counter is not used up, and
   * whoever asks has to be told at once: a client of which nothing is known would cost a row each time.
   */
  submit(submission: Submission, looks: FrameLooks, now: number): Outcome;
  /**
   * Finds out what the author of a mutation has not seen of texts, and what has happened to them since what it undoes, as far as that takes
   * no longer than a turn; false where there is more to do, and it is to be asked again in a later one. `call` is what asks that has no client.
   */
  ready(submission: Submission, looks: FrameLooks, call?: object): boolean;
  /** Answers a mutation that could not be decoded. */
  refuse(principal: Principal, client: string, mutation: number, problem: Problem, now: number): Outcome;
  /** Whose mutations have no answer before the commit. */
  authors(): readonly { readonly client: string; readonly mutation: number }[];
  /** Writes what waits to the log; throws if that fails, and then the tree in memory is ahead and must be dropped. */
  commit(): Committed | null;
}

/** To write a byte of what has changed, and mostly to have read it: 1 MiB takes about 15 ms. */
const WRITTEN = 1;
/** So much of it for each operation is reckoned with that. */
const SMALL = 1_024;

const FULL: Problem = {
  code: "full",
  message: "the document takes as much as it may: only what removes is accepted",
};

/** Storage takes nothing, whatever the document may. */
export const NO_ROOM: Problem = {
  code: "full",
  message: "storage takes no more: keep less history, and try again",
};

export interface WaitingSetup {
  readonly documentId: string;
  readonly newId: () => string;
  /** Storage has taken nothing just now: until then nothing is decided. Unix milliseconds. */
  readonly fullUntil?: number | undefined;
  readonly authorizing?: Authorizing | undefined;
}

/** Who asks that is nobody. */
const NOBODY = {};

/** Notes how an event was made with the first of what takes its edits back. */
function withAsked(inverse: readonly Inverse[], asked: Asked | undefined): readonly Inverse[] {
  const first = asked ? inverse.findIndex(({ op }) => op === "edit") : -1;
  if (first < 0) return inverse;
  return inverse.map((each, index) => (index === first && each.op === "edit" ? { ...each, asked } : each));
}

/** Whether what is made behind an operation may stand elsewhere without it. */
function mayShift(operation: Operation): boolean {
  if (isUndo(operation)) return (operation.shown?.length ?? 0) > 0;
  if (operation.op !== "update") return isOnText(operation);
  return (
    operation.unset !== undefined || Object.values(operation.attrs ?? {}).some((value) => typeof value === "string")
  );
}

export function createWaiting(document: StoredDocument, setup: WaitingSetup): Waiting {
  const { documentId, newId, fullUntil = 0, authorizing } = setup;
  let events: TreeEvent[] = [];
  let texts: string[] = [];
  let inverses: (readonly Inverse[])[] = [];
  let inverseTexts: string[] = [];
  let answers: ClientAnswer[] = [];
  let characters = 0;
  let logged = 0;
  let time = document.time;
  const views = createTextViews(document, () => document.seq + events.length + 1);
  const older = createOlderTexts(document);
  /** What was found out for the mutation that comes next. */
  let view: Result<TextView> | null = null;

  const authorOf = (seq: number) =>
    seq > document.seq ? events[seq - document.seq - 1] : document.recent.authorOf(seq);

  const keep = (client: string, user: string | null, answer: KeptAnswer) => {
    document.clients.keep(client, user, answer, time);
    answers.push({ client, answer });
  };
  const reject = (client: string | null, user: string | null, mutation: number | null, why: Problem): Outcome => {
    const problem = { ...why, message: cutMessage(why.message) };
    if (client !== null && mutation !== null) keep(client, user, { mutation, ...problem });
    return { ok: false, problem };
  };
  /** W12: no event, so nobody else hears of it. Its author has what was decided before it, as soon as that is committed. */
  const leave = ({ principal, client, mutation }: Submission, receipts: Receipts): Outcome => {
    const seq = document.seq + events.length;
    if (client !== null && mutation !== null) {
      keep(client, principal.user?.id ?? null, unchangedOf(mutation, seq, time, receipts));
    }
    return success({ seq, time, ops: [], ...receipts });
  };

  const problemOf = ({ ok: _, ...refusal }: Rejected): Problem => {
    const winner = refusal.seq === undefined ? undefined : authorOf(refusal.seq);
    if (!winner) return refusal;
    const who = winner.userId === null ? `client ${winner.client}` : `user ${winner.userId}`;
    return {
      ...refusal,
      message: `${refusal.message}, since seq ${refusal.seq} by ${who}`,
      client: winner.client,
      userId: winner.userId,
    };
  };

  /** Who stands in the way of what an undo leaves. */
  const attributed = (receipts: Receipts, looks: FrameLooks): Receipts => {
    const skipped = receipts.skipped?.map((each) => ({ ...each, ...whoMade(each.seq, looks) }));
    return skipped ? { ...receipts, skipped } : receipts;
  };
  /** As far as may be read for it. */
  const whoMade = (seq: number | undefined, looks: FrameLooks) => {
    if (seq === undefined) return undefined;
    const made = seq > document.seq ? authorOf(seq) : document.recent.lookUp(seq, looks);
    return made && { client: made.client, userId: made.userId };
  };
  const noticesOf = (lost: readonly Lost[], looks: FrameLooks): Notice[] =>
    lost.slice(0, LIMITS.toldAtOnce).flatMap((each) => {
      const made = whoMade(each.seq, looks);
      return made ? [{ ...each, ...made }] : [];
    });

  return {
    get count() {
      return events.length + answers.length;
    },
    get characters() {
      return characters;
    },
    get logged() {
      return logged;
    },
    get read() {
      return older.held;
    },
    ready({ client, base, ops }, looks, call = NOBODY) {
      if (isUndo(ops[0]) && !older.ready(ops, client, looks)) return false;
      view = views.of(client ?? call, base, ops, looks);
      return view !== null;
    },
    submit(submission, looks, now) {
      const { principal, client, mutation, base, ops, meta, holds } = submission;
      const seen = view;
      view = null;
      const userId = principal.user?.id ?? null;
      const seq = document.seq + events.length + 1;
      time = Math.max(time, now);
      if (now < fullUntil) return { ok: false, problem: NO_ROOM };
      if (document.space === "full" && !ops.every(({ op }) => op === "remove")) return { ok: false, problem: FULL };
      if (seen?.ok === false) return { ok: false, problem: seen.problem };
      const undoing = isUndo(ops[0]);
      if (undoing) renewUndo(looks);
      const budget = createBudget({
        carried: undoing ? UNDO_CHARACTERS : LIMITS.bodyBytes,
        changed: document.nodes.wasLarge ? LIMITS.changedBytes : undefined,
        read: undoing ? LIMITS.undoneText : undefined,
        // What was done within that can be taken back, too.
        marked: undoing ? 2 * LIMITS.marksWritten : LIMITS.marksWritten,
      });
      const weight = document.nodes.dirtyWeight;
      const verdict = mutate(document.nodes, ops, {
        seq,
        newId,
        ...sightOf(document, events, base, client, looks),
        history: historyOf(document, { events, inverses }, client, looks, older),
        conflicts: document.options.conflicts,
        texts: seen?.value.texts ?? SAW_ALL.texts,
        attrsProblem,
        budget,
        aside:
          authorizing && approvedBy(approval(authorizing, { documentId, principal, operations: ops }, looks), budget),
      });
      looks.decided +=
        workOf(ops, verdict) +
        COPIED * budget.texts +
        MARKED * budget.marks +
        MET * budget.met +
        WRITTEN * Math.max(0, document.nodes.dirtyWeight - weight - SMALL * ops.length);
      if (!verdict.ok) {
        const why = problemOf(verdict);
        return reject(client, userId, mutation, holds && ops.some(mayShift) ? { ...why, holds } : why);
      }
      const receipts = attributed(verdict.receipts, looks);
      if (verdict.ops.length === 0) return leave(submission, receipts);
      const { undoes, redoes } = verdict;
      const inverse = withAsked(verdict.inverse, seen?.value.asked(verdict));
      const notices = noticesOf(verdict.lost ?? [], looks);
      const event: TreeEvent = {
        seq,
        time,
        client,
        mutation,
        userId,
        ops: verdict.ops,
        ...(meta && { meta }),
        ...receipts,
        ...(undoes && { undoes }),
        ...(redoes && { redoes }),
        ...(notices.length > 0 && { notices }),
      };
      const text = eventText(event);
      const inverseText = JSON.stringify(inverse);
      looks.decided += text.length + inverseText.length;
      looks.logged += text.length + inverseText.length;
      events.push(event);
      texts.push(text);
      inverses.push(inverse);
      inverseTexts.push(inverseText);
      characters += text.length;
      logged += text.length + inverseText.length;
      if (client !== null && mutation !== null) document.clients.accept(client, userId, mutation, seq, time);
      document.texts.note(seq, () => textEventOf(event, inverse), editsTexts(event.ops));
      seen?.value.accepted(seq);
      return success(answerOf(event));
    },
    refuse(principal, client, mutation, problem, now) {
      time = Math.max(time, now);
      return reject(client, principal.user?.id ?? null, mutation, problem);
    },
    authors() {
      const both = [...events, ...answers.map(({ client, answer: { mutation } }) => ({ client, mutation }))];
      return both.flatMap(({ client, mutation }) => (client !== null && mutation !== null ? { client, mutation } : []));
    },
    commit() {
      if (events.length === 0 && answers.length === 0) return null;
      const answered = new Set(answers.map(({ client }) => client));
      const rejections = answers.filter(({ answer }) => isRejection(answer)).length;
      older.committed();
      document.append({ time, events, texts, inverses: inverseTexts, answered, rejections });
      const committed = { texts, answers };
      events = [];
      texts = [];
      inverses = [];
      inverseTexts = [];
      answers = [];
      characters = 0;
      logged = 0;
      return committed;
    },
  };
}
