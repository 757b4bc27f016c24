import { type RefObject, useEffect } from "react";
import type { Against, Moment } from "./moment.ts";
import { authorOf } from "./names.ts";
import { timeText } from "./times.ts";

export interface TimelineProps {
  readonly slider: RefObject<HTMLInputElement | null>;
  /** The seqs that can be looked at. */
  readonly first: number;
  readonly last: number;
  readonly at: number;
  /** The moment that is shown: of one before, as long as another one is on its way. */
  readonly moment: Moment | null;
  /** The moment at `at` has not come, and none is on its way. */
  readonly isLost: boolean;
  readonly against: Against;
  readonly onGo: (seq: number) => void;
  readonly onAgainst: (against: Against) => void;
}

/** The slider over all that has happened, and what is seen there in words. */
export function Timeline(props: TimelineProps) {
  const { slider, first, last, at, against, onGo, onAgainst } = props;
  useEffect(() => slider.current?.focus({ preventScroll: true }), [slider]);
  const said = inWords(props);
  return (
    <>
      <div className="slide">
        <button type="button" aria-label="One step back" disabled={at <= first} onClick={() => onGo(at - 1)}>
          ‹
        </button>
        <input
          ref={slider}
          type="range"
          min={first}
          max={last}
          value={at}
          aria-label="Moment"
          aria-valuetext={said}
          onChange={(event) => onGo(Number(event.target.value))}
        />
        <button type="button" aria-label="One step on" disabled={at >= last} onClick={() => onGo(at + 1)}>
          ›
        </button>
      </div>
      <p id="moment" role="status">
        {said}
      </p>
      <fieldset>
        <legend>Show in colours</legend>
        {CHOICES.map(([value, label]) => (
          <label key={value}>
            <input type="radio" name="against" checked={against === value} onChange={() => onAgainst(value)} />
            {label}
          </label>
        ))}
      </fieldset>
    </>
  );
}

const CHOICES: readonly (readonly [Against, string])[] = [
  ["before", "what was done"],
  ["now", "what restoring changes"],
];

function inWords({ first, last, at, moment, isLost }: TimelineProps): string {
  const place = `Event ${at} of ${last}`;
  if (moment?.past.seq !== at) return isLost ? `${place} is not shown` : `${place} …`;
  const { session } = moment;
  if (!session) return `${place}: the beginning${first > 0 ? " of what is kept" : ""}`;
  const { name } = authorOf({ ...session, seq: session.last });
  return `${place}, ${timeText(session.ended)}: ${name} ${session.summary ?? ""}`;
}
