import {
  decodeNodeLine,
  type ErrorCode,
  failure,
  LIMITS,
  nodeLineText,
  type Result,
  success,
} from "../protocol/index.ts";
import type { ImportedNode, ImportProblem } from "../storage.ts";
import { assertNever } from "../tree/index.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Opening } from "./opening.ts";

/** A whole tree in and out, a node a line, of any size: never more than a part of it is in memory. */
export interface Transfer {
  /**
   * Begins an import and names it; nothing else can be asked of the document until it is finished or aborted. `exists`
   * if there is one. What is not named so any more has been broken off: by a failure of storage, for one.
   */
  begin(): Result<string>;
  /** Takes the next lines; after a problem the import must be aborted. */
  lines(name: string, lines: readonly string[]): Result<null>;
  /** Makes a document of what was imported, with the options of any new one. */
  finish(name: string, now: number): Result<null>;
  /** Takes everything back. */
  abort(name: string): void;
  /** The tree as it is now, to be read part by part while it goes on changing. */
  export(now: number): Result<Export>;
}

export interface Export {
  /** The next lines, about 64 KiB of them, or null at the end. Throws if the document was closed, or changed too much. */
  next(): string | null;
  /** Must be called when nobody wants the rest. */
  release(): void;
}

/** Characters of one part of an export. */
const EXPORT_PART = 64 * 1024;

/** What a transfer needs of its session. */
export interface TransferContext {
  readonly documentId: string;
  readonly opening: Opening;
  readonly newId: () => string;
  readonly lifecycle: Lifecycle;
  commit(now: number): void;
}

export function createTransfer({ documentId, opening, newId, lifecycle, commit }: TransferContext): Transfer {
  let line = 0;
  let current: string | null = null;
  let exports = 0;
  return {
    begin() {
      if (opening.importing) return failure("unavailable", "an import is under way; try again later");
      if (opening.find()) {
        return failure("exists", `there is a document ${documentId}; delete it first, or import into another`);
      }
      line = 0;
      current = newId();
      opening.beginImport();
      return success(current);
    },
    lines(name, texts) {
      const { importing } = opening;
      if (!importing || name !== current) return BROKEN_OFF;
      const nodes: (ImportedNode & { readonly line: number })[] = [];
      for (const text of texts) {
        line++;
        // Before all else: one of spaces alone would be gathered without end.
        if (text.length > LIMITS.lineLength) return atLine(line, TOO_LONG.problem.code, TOO_LONG.problem.message);
        if (text.trim() === "") continue;
        const decoded = decodeNodeLine(text);
        if (!decoded.ok) return atLine(line, decoded.problem.code, decoded.problem.message);
        const { id = newId(), parent = null, type, attrs } = decoded.value;
        nodes.push({ line, id, type, attrs, parent });
      }
      importing.expect(nodes.map(({ id }) => id));
      for (const node of nodes) {
        const problem = importing.add(node);
        if (problem) return atLine(node.line, ...explain(problem, node, importing.size));
      }
      return success(null);
    },
    finish(name, now) {
      if (!opening.importing || name !== current) return BROKEN_OFF;
      if (opening.importing.size === 0) return atLine(1, "invalid", "there is no node; the root comes first");
      opening.finishImport(now);
      return success(null);
    },
    abort(name) {
      // One that was broken off before has left rows, unless a document has been made of others since.
      if (opening.importing ? name === current : !opening.find()) opening.abortImport();
    },
    export(now) {
      if (opening.importing) return failure("unavailable", "an import is under way; try again later");
      const document = opening.find();
      if (!document) return failure("notFound", `there is no document ${documentId}`);
      commit(now);
      lifecycle.arrange(now);
      if (exports >= LIMITS.exports)
        return failure("tooMany", `at most ${LIMITS.exports} exports at once; try again later`);
      const frozen = document.stored.nodes.freeze();
      let open = true;
      exports++;
      const nodes = frozen.nodes();
      return success({
        next() {
          if (frozen.overtaken) throw new Error("the document changed too much while it was exported; try again");
          if (opening.known() !== document) throw new Error("the document was closed while it was exported; try again");
          let part = "";
          while (part.length < EXPORT_PART) {
            const { value, done } = nodes.next();
            if (done) break;
            part += nodeLineText(value);
          }
          return part === "" ? null : part;
        },
        release() {
          if (!open) return;
          open = false;
          exports--;
          frozen.release();
        },
      });
    },
  };
}

function explain(problem: ImportProblem, { id, parent }: ImportedNode, size: number): [ErrorCode, string] {
  switch (problem) {
    case "exists":
      return ["exists", `there is a node ${id} already`];
    case "notFound":
      return ["notFound", `there is no node ${parent} above it`];
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
const TOO_LONG = failure("tooLarge", `a line takes at most ${LIMITS.lineLength} characters`);
