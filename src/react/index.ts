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
  Token,
  Transaction,
  TreeDocument,
  TreeNode,
  Undone,
} from "../client/index.ts";
export {
  type PresentHere,
  type StatusHere,
  type UndoHere,
  useChildren,
  useNode,
  usePresence,
  useRole,
  useStatus,
  useUndo,
} from "./hooks.ts";
export { DocumentProvider, type DocumentProviderProps, useDocument } from "./provider.tsx";
