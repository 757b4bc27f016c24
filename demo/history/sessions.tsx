import { useSessions } from "durable-grove/react";
import { More } from "./more.tsx";
import { authorOf } from "./names.ts";
import { timeText } from "./times.ts";
import { useNames } from "./use-names.ts";

interface SessionsProps {
  /** The seq that is shown. */
  readonly at: number;
  readonly onGo: (seq: number) => void;
}

const QUERY = { limit: 20, summary: true };

/** Who did what when, the newest first. */
export function Sessions({ at, onGo }: SessionsProps) {
  const list = useSessions(QUERY);
  useNames(list.entries.map(({ last, client, userId }) => ({ seq: last, client, userId })));
  return (
    <>
      <ol>
        {list.entries.map(({ first, last, ended, client, userId, summary }) => {
          const { name, color } = authorOf({ seq: last, client, userId });
          const isHere = first <= at && at <= last;
          return (
            <li key={first}>
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
        })}
      </ol>
      <More list={list} none="Nothing has happened yet." />
    </>
  );
}

/** The one that is shown moves with the slider. */
function intoView(button: HTMLButtonElement | null): void {
  button?.scrollIntoView({ block: "nearest" });
}
