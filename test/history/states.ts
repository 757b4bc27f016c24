import { formed, type Scene } from "./scene.ts";

/** The tree at every seq is what it was, by its seq and by its time, as far as the history goes back. */
export function checkStates(scene: Scene, says: string): void {
  const { trees, times, server, same, problems } = scene;
  const { historyFrom } = scene.stored();
  for (const [seq, tree] of trees.entries()) {
    const isKept = seq >= historyFrom - 1;
    same(scene.at(seq), isKept ? formed(tree) : "expired", `${says}: the tree at ${seq}`);
    if (seq < historyFrom) continue;
    const time = times[seq] ?? 0;
    const last = times.findLastIndex((each) => each <= time);
    const answer = server.ask((calls, now) => calls.diff({ from: { time }, to: { seq: last } }, now));
    if (!answer?.ok) problems.push(`${says}: by time: ${JSON.stringify(answer)}`);
    else same([answer.value.from, answer.value.to], [last, last], `${says}: by time`);
  }
}
