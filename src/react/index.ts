export type {
  Attrs,
  Json,
  Mutation,
  NodeId,
  OpenOptions,
  Other,
  Presence,
  Role,
  Skipped,
  Status,
  Text,
  Token,
  Transaction,
  TreeDocument,
  TreeNode,
  Undone,
} from "../client/index.ts";
export {
  type ListHere,
  type PastHere,
  useAsked,
  useBin,
  useDocumentAt,
  useHistory,
  useSessions,
  useVersion,
  useVersions,
} from "./history.ts";
export {
  type PresentHere,
  type StatusHere,
  type TextHere,
  type UndoHere,
  useChildren,
  useNode,
  usePresence,
  useRole,
  useStatus,
  useText,
  useUndo,
} from "./hooks.ts";
export type { Latest } from "./latest.ts";
export { PastProvider, type PastProviderProps, usePast } from "./past.tsx";
export { DocumentProvider, type DocumentProviderProps, useDocument } from "./provider.tsx";
