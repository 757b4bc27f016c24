const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** A time as it is said: of today only the clock. Unix milliseconds. */
export function timeText(time: number): string {
  const day = DAY.format(time);
  return day === DAY.format(Date.now()) ? CLOCK.format(time) : `${day}, ${CLOCK.format(time)}`;
}
