export { applyEffect, applyEvent, applyInverse, forgetRemoved } from "./apply.ts";
export { type Budget, createBudget } from "./budget.ts";
export { checkTree } from "./check.ts";
export {
  eachFlat,
  type FlatNode,
  flatten,
  fromData,
  fromRows,
  loadFlat,
  rootRecord,
  toData,
  toRow,
  toRows,
  toText,
} from "./data.ts";
export { inverseOf } from "./inverse.ts";
export { commitLayer, createLayer, type Layer } from "./layer.ts";
export { eachInSubtree, following } from "./links.ts";
export {
  type Accepted,
  type ConflictPolicy,
  type MutationContext,
  mutate,
  type Receipts,
  type Rejected,
  type RejectionCode,
  type Verdict,
} from "./mutate.ts";
export {
  type Attrs,
  type Json,
  type JsonArray,
  type JsonObject,
  NO_ATTRS,
  type NodeData,
  type NodeId,
  type NodeRecord,
  type NodeRow,
} from "./node.ts";
export {
  type Anchors,
  assertNever,
  type Effect,
  type Insert,
  type InsertEffect,
  type Inverse,
  type Move,
  type MoveEffect,
  type Operation,
  type Remove,
  type Update,
} from "./operations.ts";
export { createMapStore, type MapStore, mustGet, type ReadStore, type Store } from "./store.ts";
export { weighAttrs } from "./weight.ts";
