import { type NodeId, useAsked, useDocument, useRole, useStatus } from "durable-grove/react";
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { nameOf } from "../keys.ts";
import { perform } from "../perform.ts";
import { shownText } from "../rows.ts";
import type { Kind } from "../steps.ts";
import { Toasts } from "../toasts.tsx";
import { takeBack } from "../undo.tsx";
import { restore } from "./actions.ts";
import { Bin } from "./bin.tsx";
import { type Against, useMoment } from "./moment.ts";
import { Preview } from "./preview.tsx";
import { Sessions } from "./sessions.tsx";
import { Timeline } from "./timeline.tsx";
import { Versions } from "./versions.tsx";

const UNDOING: Readonly<Record<string, Kind>> = { "Control+z": "undo", "Control+Shift+z": "redo", "Control+y": "redo" };
const LISTS = ["Changes", "Versions", "Bin"] as const;

/** The history of the document, in place of the outline: any moment of it, who did what, and how to have it again. */
export function HistoryView({ onClose }: { readonly onClose: () => void }) {
  const doc = useDocument();
  const mayWrite = useRole() !== "read";
  const isLive = useStatus().state === "live";
  const slider = useRef<HTMLInputElement>(null);
  const span = useAsked("span", (asked, signal) => asked.span({ signal })).value;
  const last = Math.max(useSeq(), span?.last ?? 0);
  const first = (span?.first ?? 1) - 1;
  const [chosen, go] = useState<number | null>(null);
  const at = Math.min(Math.max(chosen ?? last, first), last);
  const [against, setAgainst] = useState<Against>("before");
  const [list, setList] = useState<(typeof LISTS)[number]>("Changes");
  const [alone, setAlone] = useState(false);
  const { value: moment, error, isLoading } = useMoment(span && at, first, against);

  // What is shown may be a moment from before, and now there is nothing to restore.
  const canRestore = mayWrite && isLive && moment?.past.seq === at && at !== last;

  const restoreTo = useCallback(
    async (node?: NodeId) => {
      if (!moment) return;
      const { past } = moment;
      const what = node === undefined ? "The document" : `“${shownText(past.get(node))}”`;
      const others = alone ? "remove" : "keep";
      await restore(doc, { to: past.seq, node, others }, `${what} is what it was at event ${past.seq}.`);
      go(null);
      // The button that was pressed is of no use now.
      slider.current?.focus({ preventScroll: true });
    },
    [doc, moment, alone],
  );
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTypedIn(event.target)) return;
      if (event.key === "Escape") onClose();
      const kind = UNDOING[nameOf(event)];
      if (!kind) return;
      event.preventDefault();
      perform(doc, takeBack(doc, kind));
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [doc, onClose]);
  return (
    <div id="history">
      <main aria-busy={isLoading}>
        {error && (
          <p role="alert">
            Event {at} cannot be shown: {error.problem.message}.{moment && ` This is event ${moment.past.seq}.`}
          </p>
        )}
        {moment && <Preview moment={moment} keepsOthers={!alone} onRestore={canRestore ? restoreTo : null} />}
        {moment?.changes.more && <p className="hint">More differs than is coloured here.</p>}
      </main>
      <aside aria-label="History">
        <nav>
          {LISTS.map((name) => (
            <button key={name} type="button" aria-pressed={list === name} onClick={() => setList(name)}>
              {name}
            </button>
          ))}
        </nav>
        {list === "Changes" && <Sessions at={at} shown={moment?.session} onGo={go} />}
        {list === "Versions" && <Versions at={at} mayWrite={mayWrite} onGo={go} />}
        {list === "Bin" && <Bin mayWrite={mayWrite} />}
      </aside>
      <footer>
        <Toasts />
        <Timeline
          {...{ slider, first, last, at, moment, against }}
          isLost={error !== null}
          onGo={go}
          onAgainst={setAgainst}
        />
        {mayWrite && (
          <p className="restoring">
            <button type="button" className="main" disabled={!canRestore} onClick={() => void restoreTo()}>
              Restore all
            </button>
            <label>
              <input type="checkbox" checked={alone} onChange={(event) => setAlone(event.target.checked)} />
              without what came since
            </label>
          </p>
        )}
      </footer>
    </div>
  );
}

function isTypedIn(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement && ["text", "search"].includes(target.type);
}

/** The last event, as it is known here. */
function useSeq(): number {
  const doc = useDocument();
  const subscribe = useCallback((changed: () => void) => doc.on("event", changed), [doc]);
  return useSyncExternalStore(subscribe, () => doc.seq);
}
