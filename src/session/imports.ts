import { chain, decodeNodeLine, type ErrorCode, failure, LIMITS, type Result, success } from "../protocol/index.ts";
import type { Deed } from "../protocol/rights.ts";
import type { ImportedNode, Importing, ImportProblem, Piece, Slices } from "../storage.ts";
import { assertNever } from "../tree/index.ts";
import { beginCopied, type Copied, isCopy } from "./copied.ts";
import { type Opening, ROOT_ID } from "./opening.ts";

/** A document made of lines, of any number: never more than a part of them is in memory. */
export interface Imports {
  /** When a look has to be taken at the import under way; null when it is over, undefined where there was none. */
  readonly alarm: number | null | undefined;
  /**
   * Begins an import and names it; nothing else can be asked of the document until it is finished or aborted. `exists`
   * if there is one. What is not named so any more has been broken off: by a failure of storage, for one. `backup` says whether
   * the lines may be those of a whole document, or that they are, from another object of this code; `options` whether these may say
   * what options it has: else it has those of any new one.
   */
  begin(now: number, backup?: Result<unknown> | "trusted", options?: Result<unknown>): Result<string>;
  /** Whether one can begin: there is no document, and none is being made. */
  free(): Result<null>;
  /** What whoever imports must have the right to: with its history it is a backup. */
  readonly deed: Deed;
  /** Characters that a line of what is being imported may have. */
  readonly longestLine: number;
  /** Takes the next lines; after a problem the import must be aborted. */
  lines(name: string, lines: readonly string[], now: number): Result<null>;
  /** The same of what another object of this code sends. */
  piece(name: string, piece: Piece, now: number): Result<null>;
  /** Looks through a backup that has come, or does the events of a fork again, in turns; of nothing else there is anything to do. */
  check(name: string, now: number): Slices<Result<null>>;
  /** Makes a document of what was imported, with the options of any new one. */
  finish(name: string, now: number): Result<null>;
  /** Takes everything back; says whether there was anything to take back, and no document is there. */
  abort(name: string): boolean;
  /** The alarm has gone off: an import of which nothing has come for 60 s is broken off. */
  wake(now: number): void;
}

/** What an import needs of its session. */
interface ImportContext {
  readonly documentId: string;
  readonly opening: Opening;
  readonly newId: () => string;
}

export function createImports({ documentId, opening, newId }: ImportContext): Imports {
  let line = 0;
  let current: string | null = null;
  let heard = 0;
  let nodes = 0;
  let restores: Result<unknown> | "trusted" = NO_BACKUP;
  let bringsOptions = true;
  let copied: Copied | null = null;
  let alarm: number | null | undefined;
  const isCurrent = (name: string) => opening.importing !== null && name === current;
  const takeCopied = (from: Copied, pieces: readonly Piece[]): Result<null> => {
    for (const text of pieces) {
      line++;
      if (text.length > LIMITS.backupLineLength) return atLine(line, "tooLarge", TOO_LONG_ROW);
      if (text === "") continue;
      const taken = from.take(text);
      if (!taken.ok) return atLine(line, taken.problem.code, taken.problem.message);
    }
    const { bytes, options } = opening.loading ?? { bytes: 0, options: opening.defaults };
    return bytes > options.maxBytes ? atLine(line, "full", tooMuch(options.maxBytes)) : success(null);
  };
  const takeNodes = (importing: Importing, texts: readonly string[]): Result<null> => {
    const taken: (ImportedNode & { readonly line: number })[] = [];
    for (const text of texts) {
      line++;
      // Before all else: one of spaces alone would be gathered without end.
      if (text.length > LIMITS.lineLength) return atLine(line, "tooLarge", TOO_LONG);
      if (text.trim() === "") continue;
      const decoded = decodeNodeLine(text);
      if (!decoded.ok) return atLine(line, decoded.problem.code, decoded.problem.message);
      const { parent = null, type, attrs } = decoded.value;
      const id = decoded.value.id ?? (importing.size + taken.length === 0 ? ROOT_ID : newId());
      taken.push({ line, id, type, attrs, parent });
    }
    importing.expect(taken.map(({ id }) => id));
    for (const node of taken) {
      const problem = importing.add(node);
      if (problem) return atLine(node.line, ...explain(problem, node, importing.size));
    }
    const { maxBytes } = opening.defaults;
    return importing.bytes > maxBytes ? atLine(line, "full", tooMuch(maxBytes)) : success(null);
  };
  const takeLines = (name: string, texts: readonly string[], now: number): Result<null> => {
    const { importing } = opening;
    if (!importing || !isCurrent(name)) return BROKEN_OFF;
    heard = now;
    const [head] = texts;
    if (line === 0 && head !== undefined && (restores === "trusted" || isCopy(head))) {
      const begun = chain(restores === "trusted" ? success(null) : restores, () =>
        beginCopied(opening, head, { trusted: restores === "trusted", bringsOptions }),
      );
      if (!begun.ok) return atLine(1, begun.problem.code, begun.problem.message);
      copied = begun.value;
      line++;
      return takeCopied(copied, texts.slice(1));
    }
    return copied ? takeCopied(copied, texts) : takeNodes(importing, texts);
  };
  const free = (): Result<null> => {
    if (opening.importing) return failure("unavailable", "an import is under way; try again later");
    if (!opening.find()) return success(null);
    return failure("exists", `there is a document ${documentId}; delete it first, or import into another`);
  };
  return {
    free,
    get alarm() {
      if (opening.importing) return alarm;
      return alarm === undefined ? undefined : null;
    },
    get deed() {
      return copied?.hasHistory ? "backup" : "import";
    },
    get longestLine() {
      // The first line may be the head of a backup, and that have a thousand versions.
      return copied || line === 0 ? LIMITS.backupLineLength : LIMITS.lineLength;
    },
    begin(now, backup = NO_BACKUP, options = success(null)) {
      const begins = free();
      if (!begins.ok) return begins;
      line = 0;
      nodes = 0;
      heard = now;
      restores = backup;
      bringsOptions = options.ok;
      copied = null;
      // After a crash in the middle it finds what was written, and drops it.
      alarm = now + LIMITS.importTimeout;
      current = newId();
      opening.beginImport();
      return success(current);
    },
    lines: takeLines,
    piece(name, piece, now) {
      if (typeof piece === "string") return takeLines(name, piece.split("\n"), now);
      if (!copied || !isCurrent(name)) return BROKEN_OFF;
      heard = now;
      return takeCopied(copied, [piece]);
    },
    *check(name, now) {
      const { loading } = opening;
      const ended = copied?.end();
      if (!loading || !ended?.ok || !isCurrent(name)) return success(null);
      const { nodes: count, large } = ended.value;
      const work = restores === "trusted" ? opening.replayLoaded(now, count) : loading.check(count, large);
      for (let step = work.next(now); ; step = work.next(heard)) {
        if (step.done) return step.value ? failure("invalid", step.value) : success(null);
        heard = yield;
        if (!isCurrent(name)) return BROKEN_OFF;
      }
    },
    finish(name, now) {
      if (!opening.importing || !isCurrent(name)) return BROKEN_OFF;
      if (copied) {
        const ended = copied.end();
        if (!ended.ok) return atLine(line, ended.problem.code, ended.problem.message);
        ({ nodes } = ended.value);
      } else if (opening.importing.size === 0) return atLine(1, "invalid", "there is no node; the root comes first");
      opening.finishImport(now, nodes);
      return success(null);
    },
    abort(name) {
      // One that was broken off before has left rows, unless a document has been made of others since.
      const mine = opening.importing ? isCurrent(name) : !opening.find();
      if (mine) opening.dropImport();
      return mine;
    },
    wake(now) {
      if (now - heard >= LIMITS.importTimeout) opening.dropImport();
      else alarm = heard + LIMITS.importTimeout;
    },
  };
}

function explain(problem: ImportProblem, { id, parent }: ImportedNode, size: number): [ErrorCode, string] {
  switch (problem) {
    case "exists":
      return ["exists", `there is a node ${id} already`];
    case "notFound":
      return ["notFound", `there is no node ${parent} above it`];
    case "tooDeep":
      return ["tooDeep", `at most ${LIMITS.depth} levels below the root`];
    case "root":
      return [
        "invalid",
        size === 0 ? "the first node is the root and has no parent" : "every node but the first has a parent",
      ];
    default:
      return assertNever(problem);
  }
}

function atLine(line: number, code: ErrorCode, message: string): Result<never> {
  return failure(code, `line ${line}: ${message}`, { line });
}

const BROKEN_OFF = failure("unavailable", "the import was broken off; begin again");
const NO_BACKUP = failure("forbidden", "a backup takes the role admin");
const TOO_LONG = `a line takes at most ${LIMITS.lineLength} characters`;
const TOO_LONG_ROW = `a line of a backup takes at most ${LIMITS.backupLineLength} characters`;
const tooMuch = (maxBytes: number) => `a document takes at most ${maxBytes} bytes here`;
