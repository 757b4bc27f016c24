export type { MutationAnswer, RestoreAnswer, UndoPlan } from "./answers.ts";
export { decodeClientRow, decodeEventRow, decodeNodeRow, type EventColumns, eventsProblem } from "./backup-rows.ts";
export { type BinEntry, type BinPage, type BinQuery, decodeBinQuery } from "./bin.ts";
export {
  type BlameCursor,
  type BlamePage,
  type BlameQuery,
  type BlameRun,
  type Doer,
  decodeBlameQuery,
  type Made,
  type Pieces,
} from "./blame.ts";
export { byteLength } from "./bytes.ts";
export {
  type CreateInput,
  decodeCreate,
  decodeMutationCall,
  decodeRevoke,
  decodeTreeQuery,
  type MutationAuthor,
  type MutationCall,
  type RevokeInput,
  readBody,
  readQuery,
  type TreeInput,
  type TreeQuery,
  withinMutation,
} from "./calls.ts";
export { CLOSES, type ClosingCode } from "./closes.ts";
export { type CopyHead, type CopyPast, decodeCopyHead } from "./copy-head.ts";
export {
  cutMessage,
  decodeMutation,
  decodeNode,
  parse,
  parseJson,
} from "./decode.ts";
export {
  type DiffInput,
  type DiffNode,
  type DiffOperations,
  type DiffPage,
  type DiffQuery,
  decodeDiffQuery,
} from "./diff-calls.ts";
export { chain, ERRORS, type ErrorCode, failure, type Problem, problemText, type Result, success } from "./errors.ts";
export { decodeExport, decodeFork, type ExportInput, type ForkCall, type ForkInput } from "./fork-call.ts";
export { FRAME_LIMITS } from "./frame-limits.ts";
export { decodeClientMessage, decodeClientMutation, decodeInitial, isLarge, openFrame } from "./frames.ts";
export {
  decodeHistoryQuery,
  decodeHistoryRequest,
  decodeSessionsQuery,
  type HistoryEntry,
  type HistoryFilter,
  type HistoryPage,
  type HistoryQuery,
  type HistorySession,
  readHistoryQuery,
  type SessionsQuery,
  type Touched,
} from "./history-calls.ts";
export { decodeSegment, ID_IN_WORDS, ID_PATTERN } from "./ids.ts";
export { attrsProblem, isPlainObject, jsonProblem, noteAttrsBytes } from "./json.ts";
export { LIMITS } from "./limits.ts";
export { decodeNodeLine, type NodeLine, nodeLineText } from "./lines.ts";
export {
  ANYONE,
  type ClientMessage,
  type ClientMutation,
  deltaFrame,
  type EnclosedMutation,
  type EnclosedMutations,
  encode,
  eventText,
  type Join,
  type LoggedEvent,
  type Meta,
  type MutationBody,
  type Notice,
  type PresenceEntry,
  type Principal,
  presenceFrame,
  type Role,
  type ServerMessage,
  type Space,
  type SubscriberId,
  snapshotFrame,
  type TreeEvent,
  topic,
  type User,
} from "./messages.ts";
export { FIRST_TIME, type Moment, type MomentInput, moment, momentInput, momentText } from "./moment-of.ts";
export {
  type Creation,
  DEFAULT_OPTIONS,
  type DocumentOptions,
  decodeDefaults,
  decodeOptionsChange,
  limitsHistory,
  type OptionsInput,
  withOptions,
} from "./options.ts";
export { parsedWeight } from "./parsed.ts";
export { decodeRestoreCall, type RestoreCall, type RestoreInput, type RestorePlan } from "./restore-calls.ts";
export { decodeUndo, type UndoCall, type UndoInput, type Whose } from "./undo-call.ts";
export { MIN_PROTOCOL, PROTOCOL, SUBPROTOCOL, TOKEN_SUBPROTOCOL } from "./version.ts";
export {
  decodeRename,
  decodeVersionCall,
  decodeVersionId,
  decodeVersionsQuery,
  placeText,
  type RenameCall,
  type Version,
  type VersionCall,
  type VersionInput,
  type VersionPlace,
  type VersionsInput,
  type VersionsPage,
  type VersionsQuery,
} from "./version-calls.ts";
