export { changesOf, type Part, takenBack, withEdit } from "./authored.ts";
export { type Bridge, createBridge } from "./bridge.ts";
export { byText } from "./by-text.ts";
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
export { compose, composeAll, composeApart } from "./compose.ts";
export { difference } from "./difference.ts";
export { increasing } from "./increasing.ts";
export { instead } from "./instead.ts";
export { type Json, type JsonArray, type JsonObject, sameJson } from "./json.ts";
export { createLongBridge, type LongBridge } from "./long-bridge.ts";
export {
  clipped,
  editMarks,
  joinMarks,
  type Marking,
  type MarkList,
  MOST_MARKS,
  marksAttr,
  marksBack,
  marksOf,
  setMark,
  type TextMark,
} from "./marks.ts";
export { type Rebased, rebase } from "./rebase.ts";
export { besideReplaced } from "./replaced.ts";
export { entriesOf, inTheWay, isBlurred, shortened, weigh } from "./shorten.ts";
export { type EditStep, keyOf, type MarkStep, nodesOf, type SplitStep, type Step, targetOf } from "./step.ts";
export { back, backOver, inOrder, type Piece, type Put } from "./trace.ts";
export { transform } from "./transform.ts";
export { type Author, createWeave, type Weave } from "./weave.ts";
