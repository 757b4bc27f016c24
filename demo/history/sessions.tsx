import type { HistorySession } from "durable-grove/history";
import { useSessions } from "durable-grove/react";
import { More } from "./more.tsx";
import { authorOf } from "./names.ts";
import { timeText } from "./times.ts";
import { useNames } from "./use-names.ts";

interface SessionsProps {
  /** The seq that the slider stands at. */
  readonly at: number;
  /** What was done up to the moment that is shown, which may be far behind what the list has. */
  readonly shown: HistorySession | undefined;
  readonly onGo: (seq: number) => void;
}

const QUERY = { limit: 20, summary: true };

/** Who did what when, the newest first. */
export function Sessions({ at, shown, onGo }: SessionsProps) {
  const list = useSessions(QUERY);
  const oldest = list.entries.at(-1);
  const behind = list.more && oldest && shown && shown.first < oldest.first ? shown : null;
  useNames(list.entries.map(({ last, client, userId }) => ({ seq: last, client, userId })));
  return (
    <>
      <ol>
        {list.entries.map((session) => (
          <Session key={session.first} {...{ session, at, onGo }} />
        ))}
        {behind && (
          <>
            <li className="gap">…</li>
            <Session session={behind} {...{ at, onGo }} />
          </>
        )}
      </ol>
      <More list={list} none="Nothing has happened yet." />
    </>
  );
}

interface SessionProps extends Omit<SessionsProps, "shown"> {
  readonly session: HistorySession;
}

function Session({ session: { first, last, ended, client, userId, summary }, at, onGo }: SessionProps) {
  const { name, color } = authorOf({ seq: last, client, userId });
  const isHere = first <= at && at <= last;
  return (
    <li>
      <button
        type="button"
        ref={isHere ? intoView : null}
        aria-current={isHere ? "step" : undefined}
        onClick={() => onGo(last)}
      >
        <span className="who" style={{ "--color": color }}>
          {name} <time dateTime={new Date(ended).toISOString()}>{timeText(ended)}</time>
        </span>
        {summary}
      </button>
    </li>
  );
}

/** The one that is shown moves with the slider. */
function intoView(button: HTMLButtonElement | null): void {
  button?.scrollIntoView({ block: "nearest" });
}
