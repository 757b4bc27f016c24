import { MOST_MARKS } from "../text/index.ts";
import { MOST_CHILDREN, MOST_MET, MOST_TOLD } from "../tree/index.ts";
import { FRAME_LIMITS } from "./frame-limits.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/** Every limit of the wire in one table. Sizes are bytes of UTF-8. */
export const LIMITS = {
  ...FRAME_LIMITS,
  /**
   * An HTTP body, and its text in memory: where a character is beyond Latin-1, written so or escaped, all of them take two bytes.
   */
  bodyBytes: 32 * MiB,
  /** One mutation over HTTP or RPC, as JSON; any other HTTP body but that of a creation or an import. */
  mutationBytes: 4 * MiB,
  /** What the body of a creation, and of anything else, may take in memory beside its text, as it is estimated before it is parsed. */
  parsedTreeBytes: 96 * MiB,
  parsedMutationBytes: 32 * MiB,
  /**
   * What an object may hold in memory of all that is asked of it: the document, bodies and answers share it. Bodies, and answers,
   * may have so much in any case.
   */
  heldBytes: 64 * MiB,
  heldAnyway: 8 * MiB,
  /** What one document holds of the bodies that it is reading; past it the one under way for longest is refused. */
  bodiesBytes: 40 * MiB,
  /** Bodies that one document reads at the same time; past it the same. */
  bodies: 100,
  /** A body of which nothing comes for so long is broken off. Milliseconds. */
  bodyTimeout: 30_000,
  /** So is one that has not come whole by then, 5 minutes. An import may take any time. Milliseconds. */
  bodyTime: 300_000,
  /** Large answers of one document that are being made or sent, as far as they are not taken. */
  answersBytes: 40 * MiB,
  /** A large answer, or an export, of which nothing was taken for so long makes room for another. Milliseconds. */
  readTimeout: 2_000,
  /** Nodes of a tree that a document is created with; an import takes any number. */
  nodesPerTree: 500_000,
  /** Nodes of the tree that a join brings for a document that it makes. */
  initialNodes: 1_000,
  /** A tree given out over HTTP in one answer. */
  treeBytes: 32 * MiB,
  /** Nodes that one mutation may insert. */
  nodesPerMutation: 10_000,
  /** What the nodes take in memory that one mutation changes, those beside them included. */
  changedBytes: 16 * MiB,
  /** Levels below the root that a node may stand. */
  depth: 1_000,
  /** Mutations that one undo or redo names; together they have at most as many operations as one mutation. */
  undoneAtOnce: 1_000,
  /** Parts that an undo or redo tells to have left, and people whose work a mutation tells to have lost. */
  toldAtOnce: MOST_TOLD,
  /** Entries of the `changes` of an edit. */
  changesPerEdit: 10_000,
  /** Children that the joins of one mutation move. */
  childrenJoined: MOST_CHILDREN,
  /** Marks of one text. */
  marksPerText: MOST_MARKS,
  /** Characters of marks that one mutation writes: each mark writes all of its text, to everyone. */
  marksWritten: 1 * MiB,
  /**
   * Of what others have done to texts that a client has not seen so many steps are kept one by one; with more the edits of each text are
   * put together.
   */
  unseenSteps: 4_096,
  /** What all that takes in memory, put together; with more it is too late to be told what one has not seen. */
  unseenBytes: 16 * MiB,
  /** Others' steps that the steps of one mutation meet: about 100 ms. */
  unseenPairs: 500_000,
  /** Steps that those of one undo meet. */
  undonePairs: MOST_MET,
  /** Characters of texts that one undo reads, each key anew: a text of 1 MiB may have 128 keys taken back at once. About 60 ms. */
  undoneText: 128 * MiB,
  attrsPerNode: 256,
  /** Characters of an attribute's key and of a type. */
  nameLength: 128,
  /** Characters of a document, node or client id. */
  idLength: 128,
  /** How deep an attribute's value, `meta` or presence may nest. */
  valueDepth: 64,
  /** Attributes of one node as JSON. */
  nodeBytes: 1 * MiB,
  /** Characters of a line of an import. */
  lineLength: 1 * MiB + 4 * KiB,
  metaBytes: 4 * KiB,
  /** Characters of who somebody is: what an identity provider says, kept with each connection. */
  userIdLength: 128,
  userNameLength: 256,
  /** Characters of a token. */
  tokenLength: 8 * KiB,
  /** Entries of its `documents`. */
  grantsPerToken: 256,
  /** Characters that a secret for HS256 has at least: a shorter one can be guessed from a single token. */
  shortestSecret: 32,
  /** By which the clock of who made a token may differ at most. Milliseconds. */
  clockTolerance: 300_000,
  /** What an `authorizeMutation` may look up for one mutation: about 50 ms. */
  looksPerApproval: 100_000,
  /** Bytes of a request for a ticket; how long one can be used, milliseconds; how many of a document wait to be. */
  ticketRequestBytes: 1 * KiB,
  ticketTime: 60_000,
  tickets: 1_000,
  /** Of one user; one more takes the place of the oldest. */
  ticketsPerUser: 32,
  /** Characters of the key set that an identity provider publishes. */
  jwksLength: 256 * KiB,
  /** It is fetched anew after so long. Milliseconds. */
  jwksAge: 600_000,
  /** Or, for a key that it does not have, at most so often. Milliseconds. */
  jwksPause: 30_000,
  /** It has to come within so long; after a failure it is not asked for again before. Milliseconds. */
  jwksTimeout: 5_000,
  /** Presence of all together. */
  presenceTotalBytes: 4 * MiB,
  /** Presence that takes no more is always taken: of the total there is so much kept for each subscriber that may come. */
  presenceShareBytes: 400,
  /** Answers that are no events which the object keeps of one client, to repeat one that got lost. */
  answersKept: 256,
  /** What they take as JSON. */
  answersKeptBytes: 16 * KiB,
  /** A part of a snapshot, or of a delta while catching up, ends with the node or event that crosses this. */
  partBytes: 256 * KiB,
  /** After this many bytes to one socket the server asks for a `sync`. */
  syncBytes: 256 * KiB,
  /** With so many unanswered, a socket gets nothing more. */
  syncsUnanswered: 4,
  /** Or with so much: a single frame can be worth many syncs. */
  unansweredBytes: 4 * MiB,
  /** After so long it is closed. Milliseconds. */
  syncTimeout: 30_000,
  /** Characters that one subscriber has sent and that wait for their turn; all subscribers together. */
  waitingCharacters: 4 * MiB,
  waitingTotal: 16 * MiB,
  /** Users of one document whose older tokens are revoked, each by name; with one more, older tokens of anybody count no more. */
  revocations: 1_000,
  /** Subscribers of one document. */
  subscribers: 5_000,
  /** Sockets on one document that have not joined; past it the oldest of them is closed. */
  unjoined: 500,
  /** A socket that has not joined by then may be closed. Milliseconds. */
  joinTimeout: 30_000,
  /** A subscriber that has pinged on its connection is dead when it has not done so again for so long. Milliseconds. */
  silence: 90_000,
  /** One that has never pinged is, when nothing at all has come from it for so long, though it was asked. Milliseconds. */
  longestSilence: 180_000,
  /** The longest time that history is kept other than for ever, 3 650 days. Milliseconds. */
  longestRetention: 3_650 * 24 * 3_600_000,
  /** The longest other time an option may name, 30 days; the shortest between checkpoints, and between sweeps. Milliseconds. */
  longestWait: 30 * 24 * 3_600_000,
  shortestInterval: 5_000,
  shortestSweep: 1_000,
  /** Sweeps of a quiet document come at most so far apart. Milliseconds. */
  longestSweep: 3_600_000,
  /** Calls on one document, at the same time, that take more than one turn. */
  calls: 8,
  /** Pages of history, of blames and of the bin that wait for each other. */
  pages: 64,
  /** Exports of one document at the same time. */
  exports: 8,
  /** An export or a large answer that nobody reads for so long breaks off; so does an import of which nothing comes. Milliseconds. */
  exportTimeout: 30_000,
  importTimeout: 60_000,
  /** The least and the most that `maxBytes` may be: the platform stores 10 GB, of which some is left for what removes. */
  leastBytes: 1_000_000,
  mostBytes: 9_000_000_000,
  /** A document in memory: nodes, log and clients. */
  memoryBytes: 32 * MiB,
  /** Events in one page of history. */
  historyPage: 1_000,
  /** Ids of touched nodes that an entry of the history tells. */
  touchedPerEntry: 100,
  /** Characters of what an entry says in words. */
  summaryLength: 300,
  /** With a longer pause, what one person does next is another session. Milliseconds. */
  sessionPause: 600_000,
  /** Versions of a document that have a name, those noted by rule, and the characters of a name. */
  versions: 1_000,
  automaticVersions: 100,
  /** Events that the fork of an earlier moment does again, where it has the history: about 10 s, of the new document alone. */
  eventsReplayed: 1_000_000,
  /** Bytes of a request for a fork. */
  forkRequestBytes: 1 * KiB,
  /** Turns of about 3 ms, in which whatever can be asked of a sound document has ended. */
  readingTurns: 50_000,
  /** Characters of a line of a backup: a row of a table, or several small ones. */
  backupLineLength: 3 * MiB,
  /** Characters of what was committed at once, in a backup that is read. */
  backupCommitLength: 64 * MiB,
  versionNameLength: 128,
  /** Versions in one page of their list. */
  versionsPage: 1_000,
  /** When nothing was done for so long, the state in which the document was left is noted before the next event. Milliseconds. */
  silenceBeforeVersion: 3_600_000,
  /** Nodes that may differ between two moments that are compared, as events between them name them. */
  nodesCompared: 64_000,
  /** What differs, or operations, in one page; it ends with what crosses so many characters of content. */
  diffPage: 1_000,
  diffCharacters: 2 * MiB,
  /** What one of the mutations holds up others by that restore a tree partly: about 40 ms, in the unit of work; and their content. */
  partWork: 2_621_440,
  partCharacters: 1 * MiB,
  /** What one page of a blame or of the bin looks through of the log, as the characters that are parsed come to; four times as many are looked through. */
  pastPage: 2 * MiB,
  /** What the search of an undo looks through, in the same unit. */
  undoSearch: 16 * MiB,
  /** Pieces of texts that a cursor of a blame holds; of more than that the rest stays unknown. */
  blamePieces: 300,
  /** Characters of such a cursor: it goes into a URL. */
  blameCursor: 8 * KiB,
  /** Entries in one page of the bin, and characters of their attributes: a page ends with the one that crosses this. */
  binPage: 1_000,
  binCharacters: 1 * MiB,
  /** Characters of a text that the bin is searched for. */
  binText: 256,
} as const;
