import type { ListHere } from "durable-grove/react";

interface MoreProps {
  readonly list: ListHere<unknown>;
  /** What is said of an empty list. */
  readonly none: string;
}

/** The end of a list: what is behind it, or why there is nothing. */
export function More({ list: { entries, more, isLoading, error, loadMore }, none }: MoreProps) {
  return (
    <>
      {error && <p role="alert">That could not be read: {error.problem.message}.</p>}
      {entries.length === 0 && !more && !isLoading && !error && <p>{none}</p>}
      {more && (
        <button type="button" className="more" disabled={isLoading} onClick={loadMore}>
          {entries.length === 0 ? "Look further back" : "Before that"}
        </button>
      )}
    </>
  );
}
