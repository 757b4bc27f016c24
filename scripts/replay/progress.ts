/** Where it is shown. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** How far a replay has come. */
export interface Progress {
  done: number;
  reconnects: number;
  /** Commits that were there already. */
  skipped: number;
}

const BAR = 24;

/** Shows a progress on a stream: one line redrawn on a terminal, a line now and then elsewhere. Returns how to stop. */
export function showProgress(progress: Progress, total: number, out: Output): () => void {
  const started = Date.now();
  const line = () => progressLine(progress, total, Date.now() - started);
  const draw = () => out.write(out.isTTY ? `\r\x1b[K${line()}` : `${line()}\n`);
  if (out.isTTY) draw();
  const timer = setInterval(draw, out.isTTY ? 100 : 5_000);
  return () => {
    clearInterval(timer);
    draw();
    if (out.isTTY) out.write("\n");
  };
}

export function progressLine({ done, reconnects, skipped }: Progress, total: number, elapsedMs: number): string {
  const share = total === 0 ? 1 : done / total;
  const filled = Math.round(BAR * share);
  const bar = "#".repeat(filled).padEnd(BAR, "-");
  const rate = elapsedMs > 0 ? Math.round((1_000 * (done - skipped)) / elapsedMs) : 0;
  const lost = reconnects > 0 ? `, ${reconnects} reconnects` : "";
  return `[${bar}] ${Math.floor(100 * share)}% ${done}/${total} commits, ${rate}/s${lost}`;
}
