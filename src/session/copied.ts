import {
  chain,
  decodeCopyHead,
  failure,
  isPlainObject,
  LIMITS,
  parsedWeight,
  parseJson,
  type Result,
  success,
} from "../protocol/index.ts";
import { COPY_VERSION, END, HEAD, type Piece, ROW_TABLES, type RowTable, SCHEMA } from "../storage.ts";
import { createBackupRows } from "./backup-rows.ts";
import type { Opening } from "./opening.ts";

/** Takes the pieces of another document (`copying.ts`), one after the other. */
export interface Copied {
  readonly hasHistory: boolean;
  /** Behind a problem it must not be gone on with. */
  take(piece: Piece): Result<null>;
  /** How many nodes it has, once all has come; and which commits are still to be looked at. */
  end(): Result<{ readonly nodes: number; readonly large: readonly number[] }>;
}

/** Whether a line is the first one of another document. */
export function isCopy(line: string): boolean {
  return line.startsWith(`{"${HEAD}":`);
}

interface CopiedFrom {
  /** What comes from another object of this code is written as it comes; a backup may have been anywhere, and each row of it is looked at. */
  readonly trusted: boolean;
  /** Else it has the options of any new one. */
  readonly bringsOptions: boolean;
}

/** Begins with the first line. */
export function beginCopied(opening: Opening, line: string, { trusted, bringsOptions }: CopiedFrom): Result<Copied> {
  const head = chain(readField(line, HEAD), decodeCopyHead);
  if (!head.ok) return head;
  const { version, schema } = head.value;
  if (version !== COPY_VERSION || schema < OLDEST || schema > SCHEMA)
    return failure(
      "invalid",
      `this is of version ${version}.${schema}, and ${COPY_VERSION}.${SCHEMA} is the newest here`,
    );
  const { past } = head.value;
  if (!trusted && !past?.kept) return failure("invalid", "a backup says what its document has been");
  const own = { ...opening.defaults, storage: "sqlite" } as const;
  const loading = opening.beginLoading(bringsOptions ? head.value : { ...head.value, options: own });
  const checked = trusted ? null : createBackupRows(loading, past?.seq ?? 0);
  const takeRows = (table: RowTable, text: string): Result<null> => {
    if (checked)
      return chain(readField(text, table), (rows) =>
        Array.isArray(rows) ? checked.take(table, rows) : failure("invalid", "rows are a list"),
      );
    loading.load(table, text.slice(`{"${table}":`.length, -1));
    return success(null);
  };
  let nodes: number | null = null;
  return success({
    hasHistory: past !== null,
    take(text) {
      if (nodes !== null) return failure("invalid", "it goes on behind its end");
      if (typeof text !== "string") {
        if (checked) throw new Error("a backup is text");
        loading.load("nodes", text);
        return success(null);
      }
      const name = NAMES.find((each) => text.startsWith(`{"${each}":`));
      if (name === undefined) return failure("invalid", `a line has one of ${NAMES.join(", ")}`);
      if (name !== END) return takeRows(name, text);
      return chain(readField(text, name), (value) => {
        if (!isPlainObject(value) || typeof value.nodes !== "number")
          return failure("invalid", "the end says how many nodes there are");
        nodes = value.nodes;
        return checked ? checked.end(value) : success(null);
      });
    },
    end: () =>
      nodes === null
        ? failure("invalid", "its end is missing: it was cut off")
        : success({ nodes, large: checked?.large ?? [] }),
  });
}

/** The first schema that there were backups of. */
const OLDEST = 5;
const NAMES = [...ROW_TABLES, END] as const;

/** What stands in a line, under the one name that it has: 3 Mi brackets are not parsed. */
function readField(text: string, name: string): Result<unknown> {
  if (parsedWeight(text, LIMITS.parsedMutationBytes) > LIMITS.parsedMutationBytes) return failure("tooLarge", TOO_MUCH);
  return chain(parseJson(text, "invalid"), (value) =>
    isPlainObject(value) && Object.keys(value).length === 1
      ? success(value[name])
      : failure("invalid", `the line has ${name} and nothing else`),
  );
}

const TOO_MUCH = `a line takes at most ${LIMITS.parsedMutationBytes} bytes when it is parsed`;
