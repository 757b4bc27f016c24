import { chain, decodeCopyHead, failure, isPlainObject, parseJson, type Result, success } from "../protocol/index.ts";
import { COPY_VERSION, END, HEAD, type Loading, ROW_TABLES, SCHEMA } from "../storage.ts";
import type { Opening } from "./opening.ts";

/** Takes the lines of another document (`copying.ts`), one after the other. */
export interface Copied {
  /** Behind a problem it must not be gone on with. */
  take(line: string): Result<null>;
  /** How many nodes it has, once all has come. */
  end(): Result<number>;
}

/** Whether a line is the first one of another document. */
export function isCopy(line: string): boolean {
  return line.startsWith(`{"${HEAD}":`);
}

/**
 * Begins with the first line. What comes from another object of this code is written as it comes; a backup may have been anywhere, and
 * each row of it is looked at.
 */
export function beginCopied(opening: Opening, line: string): Result<Copied> {
  const head = chain(readField(line, HEAD), decodeCopyHead);
  if (!head.ok) return head;
  const { version, schema } = head.value;
  if (version !== COPY_VERSION || schema !== SCHEMA)
    return failure("invalid", `this is of version ${version}.${schema}, and ${COPY_VERSION}.${SCHEMA} is read here`);
  const loading = opening.beginLoading(head.value);
  let nodes: number | null = null;
  return success({
    take(text) {
      if (nodes !== null) return failure("invalid", "it goes on behind its end");
      if (!text.startsWith(`{"${END}":`)) return load(loading, text);
      return chain(readField(text, END), (end) => {
        const count = isPlainObject(end) ? end.nodes : undefined;
        if (typeof count !== "number") return failure("invalid", "the end says how many nodes there are");
        nodes = count;
        return success(null);
      });
    },
    end: () => (nodes === null ? failure("invalid", "its end is missing: it was cut off") : success(nodes)),
  });
}

function load(loading: Loading, text: string): Result<null> {
  const table = ROW_TABLES.find((each) => text.startsWith(`{"${each}":[`));
  if (table === undefined) return failure("invalid", `a line has rows of ${ROW_TABLES.join(", ")}`);
  loading.load(table, text.slice(`{"${table}":`.length, -1));
  return success(null);
}

/** What stands in a line, under the one name that it has. */
function readField(text: string, name: string): Result<unknown> {
  return chain(parseJson(text, "invalid"), (value) =>
    isPlainObject(value) && Object.keys(value).length === 1
      ? success(value[name])
      : failure("invalid", `the line has ${name} and nothing else`),
  );
}
