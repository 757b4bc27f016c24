import {
  failure,
  LIMITS,
  type Principal,
  type RestoreAnswer,
  type RestoreCall,
  type RestorePlan,
  type Result,
  success,
} from "../protocol/index.ts";
import { ANY_NODE, createMeter, type Slices } from "../storage.ts";
import { isAlive, type Operation, type Restoring, restoreOperations } from "../tree/index.ts";
import { exactly, weighOperation } from "./diff.ts";
import { atThisMoment } from "./moment.ts";
import { seqOfMoment } from "./moments.ts";
import { isAnswered, type MutationContext, mutationCall } from "./mutation-call.ts";
import type { OpenDocument } from "./opening.ts";
import { readable } from "./readable.ts";
import { textChanges } from "./text-changes.ts";
import { twoMoments } from "./two-moments.ts";
import { workAsked } from "./work.ts";

/**
 * Restores a tree or a branch by one mutation, made by who has seen the document as it was when it began: what others do meanwhile is met by
 * the rules for conflicts. With `dryRun` nothing is done.
 */
export function* restore(
  context: MutationContext & { unreadable(error: unknown): void },
  document: OpenDocument,
  call: RestoreCall,
  principal: Principal,
  now: number,
): Slices<Result<RestoreAnswer | RestorePlan>> {
  const { stored } = document;
  const { client, mutation, dryRun = false } = call;
  const found = seqOfMoment(stored, call.to);
  if (!found.ok) return found;
  const to = found.value;
  let time = now;
  let plan: RestorePlan = { seq: stored.seq, to, ops: [], more: false };
  // A counter that was answered is answered once more, whatever has become of the document since.
  if (dryRun || !isAnswered(stored, call)) {
    const planning = readable(planOf(document, call, to), context.unreadable);
    let step = planning.next(time);
    for (; !step.done; step = planning.next(time)) time = yield;
    if (!step.value.ok) return step.value;
    plan = step.value.value;
  }
  if (dryRun) return success(plan);
  const { seq: base, ops, more } = plan;
  const meta = call.meta ?? { restored: to };
  const answer = yield* mutationCall(context, document, { base, ops, meta, client, mutation }, principal, time);
  return answer.ok ? success({ ...answer.value, to, more }) : answer;
}

/** The operations that a restore takes now. */
function planOf(document: OpenDocument, call: RestoreCall, to: number): Slices<Result<RestorePlan>> {
  const { node, others = "keep", partly = false } = call;
  const meter = createMeter();
  const { stored } = document;
  const { seq } = stored;
  return atThisMoment(stored.nodes, meter, function* (now): Slices<Result<RestorePlan>> {
    const both = yield* twoMoments(document, now, { earlier: to, later: seq, now: seq }, meter);
    if (!both.ok) return both;
    const { earlier: then, between } = both.value;
    const top = node ?? now.root;
    const record = then.get(top);
    if (!record || !isAlive(then, record))
      return failure("notFound", `node ${top} was not there at seq ${to}: to go back to that, remove it`);
    if (!now.get(top)) return failure("expired", `node ${top} is not kept any more`);
    const restoring: Restoring = {
      ...{ now, then, top, named: between, others },
      isPlaced: (id) => between.get(id)?.placed !== undefined,
      isSplitOff: (id) => between.get(id)?.splitOff === true,
      changesOf: (id, attr, was, is) => exactly(textChanges(between.get(id), attr, was, is, false), was, is),
    };
    const ops: Operation[] = [];
    const part = createPart(partly);
    for (const op of restoreOperations(restoring)) {
      meter.add(ANY_NODE);
      if (meter.full()) yield;
      if (!op) continue;
      if (!part.takes(op)) return partly ? success({ seq, to, ops, more: true }) : TOO_MANY;
      ops.push(op);
    }
    return success({ seq, to, ops, more: false });
  });
}

/** As much as one mutation may be; of one of several, as much as may well be done beside others. */
function createPart(partly: boolean): { takes(op: Operation): boolean } {
  let [count, work, characters] = [0, 0, 0];
  return {
    takes(op) {
      const isFull = partly && (work >= LIMITS.partWork || characters >= LIMITS.partCharacters);
      if (isFull || count >= LIMITS.operationsPerMutation) return false;
      count++;
      work += workAsked(op);
      characters += weighOperation(op);
      return true;
    },
  };
}

const TOO_MANY = failure(
  "tooLarge",
  `it takes more than ${LIMITS.operationsPerMutation} operations: restore branch by branch, with node, or with partly: true again and again as long as there is more`,
);
