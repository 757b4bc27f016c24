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
          const { name, color } = authorOf(entry);
          const said = shownText(entry) || entry.type;
          return (
            <li key={entry.id}>
              <div>
                <span className="who" style={{ "--color": color }}>
                  {name} <time dateTime={new Date(entry.time).toISOString()}>{timeText(entry.time)}</time>
                </span>
                <span className="removed">{said}</span>
              </div>
              {mayWrite && (
                <button type="button" className="act" onClick={() => void putBack(doc, entry, said)}>
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

/** What somebody types, as soon as he pauses. */
function useSettled(text: string): string {
  const [settled, settle] = useState(text);
  useEffect(() => {
    const timer = setTimeout(settle, PAUSE, text);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
