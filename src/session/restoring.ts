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
import {
  ANY_NODE,
  type Between,
  createMeter,
  createPastReader,
  isSplitOff,
  type Meter,
  type Slices,
} from "../storage.ts";
import { isAlive, type Operation, type ReadStore, type Restoring, restoreOperations } from "../tree/index.ts";
import { weighOperation } from "./diff.ts";
import { atThisMoment } from "./moment.ts";
import { seqOfMoment } from "./moments.ts";
import { isAnswered, type MutationContext, mutationCall } from "./mutation-call.ts";
import type { OpenDocument } from "./opening.ts";
import { readable } from "./readable.ts";
import { netChanges } from "./text-changes.ts";
import { twoStates } from "./two-moments.ts";
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
    const both = yield* twoStates(stored, now, { earlier: to, later: seq, now: seq }, meter);
    if (!both.ok) return both;
    const { earlier: then, net } = both.value;
    const top = node ?? now.root;
    const record = then.get(top);
    if (!record || !isAlive(then, record))
      return failure("notFound", `node ${top} was not there at seq ${to}: to go back to that, remove it`);
    if (!now.get(top)) return failure("expired", `node ${top} is not kept any more`);
    const restoring: Restoring = {
      ...{ now, then, top, named: net.named, others },
      isPlaced: (id) => net.named.get(id) === true,
      isSplitOff: createSplitOff(document, now, to, meter),
      changesOf: (id, attr, was, is) => netChanges(net, id, attr, was, is, false),
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

/** Says of rows whether they were only split off since. */
function createSplitOff(
  { stored, compared }: OpenDocument,
  now: ReadStore,
  since: number,
  meter: Meter,
): Restoring["isSplitOff"] {
  const { seq } = stored;
  const reader = createPastReader(stored, meter, Number.POSITIVE_INFINITY);
  let between: Between | null = null;
  return function* splitOff(id) {
    const row = now.get(id);
    const known = row ? yield* isSplitOff(row, since, reader) : false;
    if (known !== null) return known;
    if (!between) {
      const reading = compared.between(since, seq, meter);
      let step = reading.next(0);
      for (; !step.done; step = reading.next(0)) yield null;
      between = typeof step.value === "string" ? new Map() : step.value;
    }
    return between.get(id)?.splitOff === true;
  };
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
