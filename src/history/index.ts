export type { TreeNode } from "../client/index.ts";
export { ProblemError } from "../client/index.ts";
export type {
  BinEntry,
  BinPage,
  BinQuery,
  BlamePage,
  BlameRun,
  DiffInput,
  DiffNode,
  DiffOperations,
  DiffPage,
  Doer,
  HistoryEntry,
  HistoryPage,
  HistoryQuery,
  HistorySession,
  Made,
  MomentInput,
  MutationAnswer,
  Problem,
  RestoreAnswer,
  RestoreInput,
  RestorePlan,
  SessionsQuery,
  UndoPlan,
  Version,
  VersionsInput,
  VersionsPage,
} from "../protocol/index.ts";
export type { AskOptions } from "./asking.ts";
export {
  type BlameInput,
  documentAt,
  type History,
  type HistoryOptions,
  type HistorySpan,
  historyOf,
  type MutationMade,
  type PastOptions,
  type UndoneInput,
} from "./history.ts";
export type { Pages } from "./pages.ts";
export type { PastDocument } from "./past.ts";
export type { Versions } from "./versions.ts";
