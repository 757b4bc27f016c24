import {
  failure,
  type MutationAnswer,
  type MutationAuthor,
  type MutationCall,
  type Principal,
  type Result,
  success,
} from "../protocol/index.ts";
import { createMeter, createRepeats, type Slices, type StoredDocument } from "../storage.ts";
import type { Admission } from "./admission.ts";
import { answerOf, resultOf } from "./answers.ts";
import { type Costs, debtorOf, tooMuch } from "./costs.ts";
import type { OpenDocument } from "./opening.ts";
import type { Receiving } from "./receiving.ts";
import { createLooks, workWith } from "./sight.ts";
import type { Subscribers } from "./subscribers.ts";

/** What deciding a mutation of a call needs of its session. */
export interface MutationContext {
  readonly subscribers: Subscribers;
  readonly admission: Admission;
  readonly receiving: Receiving;
  readonly costs: Costs;
  commit(now: number): void;
}

/** Whether a counter was answered before. To look for that answer takes long. */
export function isAnswered({ clients }: StoredDocument, { client, mutation }: MutationAuthor): boolean {
  return client !== undefined && mutation !== undefined && mutation <= (clients.get(client)?.mutation ?? 0);
}

/** Decides a mutation by HTTP or RPC when it is its author's turn, and commits it; or answers its counter once more. */
export function* mutationCall(
  { subscribers, admission, receiving, costs, commit }: MutationContext,
  { stored, waiting }: OpenDocument,
  call: MutationCall,
  principal: Principal,
  now: number,
): Slices<Result<MutationAnswer>> {
  const { client = null, mutation = null, ...body } = call;
  const who = debtorOf(principal, HTTP);
  // Whoever floods waits for himself, by whatever way it comes.
  let time = now;
  while (receiving.mustWait(who)) time = yield;
  // Meanwhile that may be over.
  const admitted = admission.admit(principal, "mutate", time);
  if (!admitted.ok) return admitted;
  if (client !== null && subscribers.belongsToAnother(client, principal, stored)) {
    return failure("forbidden", `client ${client} belongs to another user`);
  }
  if (isAnswered(stored, call)) return yield* firstAnswer(stored, call);
  const wait = costs.waitFor(who, time);
  if (wait > 0) return { ok: false, problem: tooMuch(wait) };
  // What waits since it has come, and what is more than memory holds (B30).
  commit(time);
  const looks = createLooks();
  const submission = { ...body, client, mutation, principal: admitted.value };
  let read = 0;
  while (!waiting.ready(submission, looks, body)) {
    receiving.charge(who, workWith(looks) - read);
    read = workWith(looks);
    do time = yield;
    while (receiving.mustWait(who));
    // Nothing that waits is in the log.
    commit(time);
    // Meanwhile it may have come once more, by another way.
    if (isAnswered(stored, call)) return yield* firstAnswer(stored, call);
  }
  const outcome = waiting.submit(submission, looks, time);
  const work = workWith(looks) - read;
  const sent = looks.logged > MUCH ? JSON.stringify(body.ops).length : looks.logged;
  receiving.charge(who, work);
  costs.charge(who, { work, logged: looks.logged, sent }, time);
  commit(time);
  return outcome;
}

/** Calls without a user have one share together. */
const HTTP = "http";
/** With less there is no need to know how much was sent. */
const MUCH = 64 * 1024;

/** How a counter was answered first. */
function* firstAnswer(
  stored: StoredDocument,
  { client = "", mutation = 0 }: MutationAuthor,
): Slices<Result<MutationAnswer>> {
  const kept = stored.clients.get(client)?.answers.find((answer) => answer.mutation === mutation);
  if (kept) return resultOf(kept);
  const repeats = createRepeats(stored, client, createMeter());
  const seq = (yield* repeats.locate([mutation])).get(mutation);
  const event = seq === undefined ? undefined : repeats.read(mutation, seq);
  if (event) return success(answerOf(event));
  if (seq !== undefined && seq < stored.historyFrom)
    return failure("expired", `it was done as event ${seq}, which the history does not have any more`, { seq });
  return failure("expired", "this counter was answered before, and the answer is no longer kept");
}
