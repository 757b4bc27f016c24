export { type Bridge, createBridge } from "./bridge.ts";
export { carry, type Position, type Side } from "./carry.ts";
export {
  applyChanges,
  type Changes,
  cutsPair,
  growth,
  invert,
  lengthBefore,
  normalize,
  problemOf,
} from "./changes.ts";
export { compose, composeAll } from "./compose.ts";
export { difference } from "./difference.ts";
export { sameJson, type Value } from "./json.ts";
export {
  clipped,
  editMarks,
  joinMarks,
  type Mark,
  type Marking,
  type MarkList,
  MOST_MARKS,
  marksAttr,
  marksBack,
  marksOf,
  setMark,
} from "./marks.ts";
export { createLongBridge } from "./long-bridge.ts";
export { type Rebased, rebase } from "./rebase.ts";
export type { EditStep, JoinStep, MarkStep, SplitStep, Step } from "./step.ts";
export { transform } from "./transform.ts";
