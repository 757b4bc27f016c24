import type { BinEntry } from "durable-grove/history";
import { useBin, useDocument } from "durable-grove/react";
import { useEffect, useState } from "react";
import { shownText } from "../rows.ts";
import { putBack } from "./actions.ts";
import { More } from "./more.tsx";
import { authorOf } from "./names.ts";
import { timeText } from "./times.ts";
import { useNames } from "./use-names.ts";

/** Milliseconds without a key before it is searched for. */
const PAUSE = 250;

/** What was removed: to be found by its text, and put back. */
export function Bin({ mayWrite }: { readonly mayWrite: boolean }) {
  const doc = useDocument();
  const [written, setWritten] = useState("");
  const text = useSettled(written.trim());
  const list = useBin(text ? { text, limit: 20 } : { limit: 20 });
  useNames(list.entries);
  const [back, setBack] = useState<readonly string[]>([]);
  // It leaves the list at once, and is there again where that came to nothing.
  const putItBack = async (entry: BinEntry) => {
    const key = keyOf(entry);
    setBack((all) => [...all, key]);
    if (!(await putBack(doc, entry))) setBack((all) => all.filter((each) => each !== key));
  };
  return (
    <>
      <input
        type="search"
        value={written}
        placeholder="Find what was removed"
        aria-label="Find what was removed"
        onChange={(event) => setWritten(event.target.value)}
      />
      <ol>
        {list.entries.map((entry) => {
          if (back.includes(keyOf(entry))) return null;
          const { name, color } = authorOf(entry);
          return (
            <li key={entry.id}>
              <div>
                <span className="who" style={{ "--color": color }}>
                  {name} <time dateTime={new Date(entry.time).toISOString()}>{timeText(entry.time)}</time>
                </span>
                <span className="removed">{shownText(entry) || entry.type}</span>
                {!entry.where.alive && <small>stood in something that is removed as well</small>}
              </div>
              {mayWrite && (
                <button type="button" className="act" onClick={() => void putItBack(entry)}>
                  Put back
                </button>
              )}
            </li>
          );
        })}
      </ol>
      <More list={list} none={text ? "Nothing of that kind was removed." : "Nothing was removed."} />
    </>
  );
}

/** A row may be removed once more. */
function keyOf({ id, seq }: BinEntry): string {
  return `${id} ${seq}`;
}

/** What somebody types, as soon as he pauses. */
function useSettled(text: string): string {
  const [settled, settle] = useState(text);
  useEffect(() => {
    const timer = setTimeout(settle, PAUSE, text);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
