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
export { createLongBridge } from "./long-bridge.ts";
export { type Rebased, rebase } from "./rebase.ts";
export type { EditStep, JoinStep, SplitStep, Step } from "./step.ts";
export { transform } from "./transform.ts";
