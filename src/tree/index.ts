export { type Burial, burialOf, isAlive } from "./above.ts";
export { applyEffect, applyEvent, forgetRemoved } from "./apply.ts";
export { applyInverse, undoing } from "./apply-inverse.ts";
export { type Approve, approvedBy } from "./approve.ts";
export { type Assembly, createAssembly } from "./assembly.ts";
export { type Budget, createBudget, MOST_CHILDREN, MOST_MET } from "./budget.ts";
export { checkTree } from "./check.ts";
export {
  eachFlat,
  flatten,
  fromData,
  fromRows,
  loadFlat,
  rootRecord,
  toData,
  toRow,
  toRows,
  toText,
  treeOf,
} from "./data.ts";
export { decideText } from "./decide-text.ts";
export { isTooDeep } from "./depth.ts";
export type { ChangesOf } from "./diff-content.ts";
export { createMembers, pathTo } from "./diff-members.ts";
export { type ContentDiff, createNodeDiff, type NodeDiff, type Stand } from "./diff-nodes.ts";
export { type Lead, operationsBetween } from "./diff-operations.ts";
export type { Sides } from "./diff-order.ts";
export { type Restoring, restoreOperations } from "./diff-restore.ts";
export type {
  ConflictPolicy,
  History,
  Keeper,
  Looks,
  MutationContext,
  Step,
  TextHistory,
  TextSight,
  Texts,
} from "./draft.ts";
export { EXPIRED } from "./expired.ts";
export { expireEvent, expireNode, purge } from "./expiry.ts";
export type { FlatNode } from "./flat.ts";
export { fullOrder, MOST_GHOSTS } from "./gaps.ts";
export { keepingGraves } from "./graves.ts";
export { inverseOf } from "./inverse.ts";
export { sameJson } from "./json.ts";
export { createKeeper, type Unseen } from "./keeper.ts";
export { isOfText, type TextsDone } from "./later.ts";
export { commitLayer, createLayer, type Layer } from "./layer.ts";
export { branch, eachInSubtree, following, type Leveled, leveled, mark } from "./links.ts";
export { marksIn } from "./marks.ts";
export { mergeUpdate } from "./merge-update.ts";
export { mutate } from "./mutate.ts";
export {
  type Attrs,
  type Ghost,
  type Json,
  type JsonArray,
  type JsonObject,
  NO_ATTRS,
  NO_ORDER,
  type NodeData,
  type NodeId,
  type NodeRecord,
  type NodeRow,
  type Order,
  type Past,
  type Spot,
  seqIn,
  type UndoneRun,
  type Written,
} from "./node.ts";
export { type NodeText, nodeText, rowText } from "./node-text.ts";
export {
  type Anchors,
  type Asked,
  assertNever,
  type Edit,
  type EditEffect,
  type Effect,
  type Insert,
  type InsertEffect,
  type Inverse,
  type InverseEdit,
  type InverseUpdate,
  isOnText,
  isUndo,
  type Join,
  type Mark,
  type Move,
  type MoveEffect,
  type Operation,
  type Place,
  type Remove,
  type ShownStep,
  type Split,
  type TextOperation,
  type Undo,
  type Update,
} from "./operations.ts";
export { MOST_GUESTS, MOST_UNDONE, placedBy } from "./past.ts";
export { MOST_TOLD } from "./perform.ts";
export { createPlaces } from "./places.ts";
export { PROVENANCE } from "./provenance.ts";
export { countAll, noteUncounted } from "./size.ts";
export { createSoundness } from "./sound.ts";
export { inverseSteps, namesAttr, stepsOf, stepsOfEffect, type TextPart, textParts } from "./steps.ts";
export {
  type Above,
  createMapStore,
  type MapStore,
  mustGet,
  type Places,
  type Provenance,
  type ReadStore,
  type Stem,
  type Store,
  type Toward,
} from "./store.ts";
export { textIn } from "./texts.ts";
export { decideUndo } from "./undo.ts";
export { undoShown } from "./undo-shown.ts";
export { undoTexts } from "./undo-text.ts";
export type { Accepted, Lost, Receipts, Refusal, Rejected, RejectionCode, Skipped, Verdict } from "./verdict.ts";
export { weighAttrs, weighRecord } from "./weight.ts";
