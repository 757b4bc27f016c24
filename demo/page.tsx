import { useChildren, useDocument, useNode } from "durable-grove/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { keepFocus } from "./focus.ts";
import { HistoryView } from "./history/view.tsx";
import { Legend } from "./legend.tsx";
import { tellNews } from "./news.ts";
import { People, tellWhere } from "./people.tsx";
import { Row } from "./row.tsx";
import { State } from "./state.tsx";
import { Toasts } from "./toasts.tsx";
import { UndoButtons } from "./undo.tsx";

export function Page() {
  const doc = useDocument();
  const [isPast, setPast] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = useCallback(() => {
    setPast(false);
    button.current?.focus();
  }, []);
  useEffect(() => {
    // The news first: they are about the row that has the focus before it goes elsewhere.
    const ends = [tellNews(doc), keepFocus(doc), tellWhere(doc)];
    return () => {
      for (const end of ends) end();
    };
  }, [doc]);
  return (
    <>
      <header>
        <strong>durable-grove</strong>
        <State />
        <People />
        <UndoButtons />
        <button ref={button} type="button" id="past" aria-pressed={isPast} onClick={() => setPast(!isPast)}>
          History
        </button>
      </header>
      {isPast ? (
        <HistoryView onClose={close} />
      ) : (
        <>
          <main>
            <Outline />
          </main>
          <footer>
            <Toasts />
            <Legend />
          </footer>
        </>
      )}
    </>
  );
}

function Outline() {
  const root = useNode();
  const isEmpty = useChildren().length === 0;
  return (
    <>
      <ul id="rows" aria-label="Outline">
        {root && <Row id={root.id} depth={0} />}
      </ul>
      {root && isEmpty && <p className="hint">Give it a title, and press Enter for the first row.</p>}
    </>
  );
}
