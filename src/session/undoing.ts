import {
  failure,
  type MutationAnswer,
  type Principal,
  type Result,
  success,
  type UndoCall,
  type UndoPlan,
  type Whose,
} from "../protocol/index.ts";
import { reaches } from "../protocol/rights.ts";
import { createMeter, lastDoings, type Slices, type StoredDocument } from "../storage.ts";
import type { Operation } from "../tree/index.ts";
import { isAnswered, type MutationContext, mutationCall } from "./mutation-call.ts";
import type { OpenDocument } from "./opening.ts";

/** What an undo is answered with: the mutation that it made, or with `dryRun` the operations that it would make one of. */
export type UndoAnswer = MutationAnswer | UndoPlan;

/** Finds what is meant, and takes it back, or does it again, by an ordinary mutation. */
export function* undoCall(
  context: MutationContext,
  document: OpenDocument,
  { whose, count, before, redo, dryRun, author, meta }: UndoCall,
  principal: Principal,
  now: number,
): Slices<Result<UndoAnswer>> {
  const { stored } = document;
  const counter = { client: author?.client, mutation: author?.mutation };
  const make = (ops: readonly Operation[], time: number) =>
    mutationCall(context, document, { ...counter, ops, meta }, principal, time);
  // A counter that was answered is answered once more, whatever was done since.
  if (!dryRun && isAnswered(stored, counter)) return yield* make([], now);
  const meant = meantBy(whose, principal);
  if (!meant.ok) return meant;
  const stranger = strangerIn(context, stored, meant.value, principal);
  if (stranger) return failure("forbidden", `${stranger}: to undo what another did takes the role admin`);
  let time = now;
  const finding = findSeqs(stored, meant.value, { count, before, redo });
  let step = finding.next(time);
  for (; !step.done; step = finding.next(time)) time = yield;
  const seqs = step.value;
  if (seqs === "tooLarge")
    return failure("tooLarge", "nothing of that in what may be looked through; name it by its seq");
  const ops: Operation[] = seqs.length > 0 ? [{ op: redo ? "redo" : "undo", seqs }] : [];
  return dryRun ? success({ ops }) : yield* make(ops, time);
}

function* findSeqs(
  stored: StoredDocument,
  whose: Whose,
  query: Pick<UndoCall, "count" | "before" | "redo">,
): Slices<readonly number[] | "tooLarge"> {
  return "seqs" in whose ? whose.seqs : yield* lastDoings(stored, whose, query, createMeter());
}

/** Who names nobody means himself. */
function meantBy(whose: Whose | undefined, { user }: Principal): Result<Whose> {
  if (whose) return success(whose);
  return user ? success({ user: user.id }) : failure("invalid", "whose doing is meant? name a client, or events");
}

/** Who else has done something of that, for one who may not take back what others did. */
function strangerIn(
  { subscribers }: MutationContext,
  stored: StoredDocument,
  whose: Whose,
  principal: Principal,
): string | null {
  if (reaches(principal.role, "admin")) return null;
  const own = principal.user?.id ?? null;
  if ("client" in whose)
    return subscribers.belongsToAnother(whose.client, principal, stored) ? `client ${whose.client}` : null;
  if ("user" in whose) return whose.user === own ? null : `user ${whose.user}`;
  const budget = { work: MOST_READ };
  // What cannot be told is not his.
  const other = whose.seqs.find((seq) => seq <= stored.seq && stored.recent.lookUp(seq, budget)?.userId !== own);
  return other === undefined ? null : `event ${other}`;
}

/** What is read to know who made single events, as `workOf` measures it. */
const MOST_READ = 4 * 1024 * 1024;
