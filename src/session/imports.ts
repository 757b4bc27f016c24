import { decodeNodeLine, type ErrorCode, failure, LIMITS, type Result, success } from "../protocol/index.ts";
import type { ImportedNode, ImportProblem } from "../storage.ts";
import { assertNever } from "../tree/index.ts";
import { type Opening, ROOT_ID } from "./opening.ts";

/** A document made of lines, of any number: never more than a part of them is in memory. */
export interface Imports {
  /** When a look has to be taken at the import under way; null when it is over, undefined where there was none. */
  readonly alarm: number | null | undefined;
  /**
   * Begins an import and names it; nothing else can be asked of the document until it is finished or aborted. `exists`
   * if there is one. What is not named so any more has been broken off: by a failure of storage, for one.
   */
  begin(now: number): Result<string>;
  /** Takes the next lines; after a problem the import must be aborted. */
  lines(name: string, lines: readonly string[], now: number): Result<null>;
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
  let alarm: number | null | undefined;
  const isCurrent = (name: string) => opening.importing !== null && name === current;
  return {
    get alarm() {
      if (opening.importing) return alarm;
      return alarm === undefined ? undefined : null;
    },
    begin(now) {
      if (opening.importing) return failure("unavailable", "an import is under way; try again later");
      if (opening.find()) {
        return failure("exists", `there is a document ${documentId}; delete it first, or import into another`);
      }
      line = 0;
      heard = now;
      // After a crash in the middle it finds what was written, and drops it.
      alarm = now + LIMITS.importTimeout;
      current = newId();
      opening.beginImport();
      return success(current);
    },
    lines(name, texts, now) {
      const { importing } = opening;
      if (!importing || !isCurrent(name)) return BROKEN_OFF;
      heard = now;
      const nodes: (ImportedNode & { readonly line: number })[] = [];
      for (const text of texts) {
        line++;
        // Before all else: one of spaces alone would be gathered without end.
        if (text.length > LIMITS.lineLength) return atLine(line, "tooLarge", TOO_LONG);
        if (text.trim() === "") continue;
        const decoded = decodeNodeLine(text);
        if (!decoded.ok) return atLine(line, decoded.problem.code, decoded.problem.message);
        const { parent = null, type, attrs } = decoded.value;
        const id = decoded.value.id ?? (importing.size + nodes.length === 0 ? ROOT_ID : newId());
        nodes.push({ line, id, type, attrs, parent });
      }
      importing.expect(nodes.map(({ id }) => id));
      for (const node of nodes) {
        const problem = importing.add(node);
        if (problem) return atLine(node.line, ...explain(problem, node, importing.size));
      }
      const { maxBytes } = opening.defaults;
      if (importing.bytes > maxBytes) return atLine(line, "full", `a document takes at most ${maxBytes} bytes here`);
      return success(null);
    },
    finish(name, now) {
      if (!opening.importing || !isCurrent(name)) return BROKEN_OFF;
      if (opening.importing.size === 0) return atLine(1, "invalid", "there is no node; the root comes first");
      opening.finishImport(now);
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
const TOO_LONG = `a line takes at most ${LIMITS.lineLength} characters`;
