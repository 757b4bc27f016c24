import { checkBin } from "./bins.ts";
import { checkBlames } from "./blames.ts";
import { createChance } from "./chance.ts";
import { checkDiffs } from "./diffs.ts";
import { type Play, play } from "./play.ts";
import { checkRestore } from "./restores.ts";
import type { Scene } from "./scene.ts";
import { checkStates } from "./states.ts";
import { checkApart, checkTogether } from "./undos.ts";

/** What is asked of a random history. */
export const KINDS = {
  read: readIt,
  expire: expireIt,
  restore: restoreIt,
  bin: binIt,
  apart: checkApart,
  together: checkTogether,
};

export type Kind = keyof typeof KINDS;

export interface Swept {
  readonly runs: number;
  /** The first runs in which something is wrong, with their seeds. */
  readonly wrong: readonly string[];
}

/** More are the same again. */
const MOST_WRONG = 5;

/** Plays so many histories. */
export function sweep(kind: Kind, seed: number, count: number, onRun: () => void = () => {}): Swept {
  const wrong: string[] = [];
  let runs = 0;
  for (; runs < count && wrong.length < MOST_WRONG; runs++) {
    const problems = tried(() => KINDS[kind](seed + runs));
    if (problems.length > 0) wrong.push(`${kind}, seed ${seed + runs}: ${problems.slice(0, 3).join("\n  ")}`);
    onRun();
  }
  return { runs, wrong };
}

function tried(run: () => string[]): string[] {
  try {
    return run();
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}

function playFor(seed: number): Play {
  const { below } = createChance(seed + 1);
  return { deeds: 10 + below(40), undoes: below(4) > 0, restores: below(4) > 0 };
}

/** What only reads: as it is, after the object has slept, and after a checkpoint. */
function readIt(seed: number): string[] {
  return over(play(seed, playFor(seed)), (scene) => {
    checkStates(scene, "at once");
    scene.server.evict();
    checkStates(scene, "after it slept");
    scene.wait(120_000);
    scene.server.evict();
    checkStates(scene, "after a checkpoint");
    checkDiffs(scene, 0);
    checkBlames(scene);
  });
}

/** What is kept of a history of which the beginning was let go. */
function expireIt(seed: number): string[] {
  return over(play(seed, playFor(seed)), (scene) => {
    const { times, server, chance } = scene;
    const middle = times[chance.below(times.length)] ?? 0;
    scene.ask((calls, now) => calls.configure({ historyRetention: Math.max(1, now - middle) }, now));
    scene.wait(120_000);
    checkStates(scene, "after retention");
    server.evict();
    checkStates(scene, "after retention, and sleep");
    const first = Math.max(0, scene.stored().historyFrom - 1);
    if (first < times.length) checkDiffs(scene, first);
  });
}

function restoreIt(seed: number): string[] {
  const again = play(seed, playFor(seed));
  const problems = over(play(seed, playFor(seed)), (scene) => checkRestore(scene, again));
  again.server.sql.close();
  return problems;
}

function binIt(seed: number): string[] {
  return over(play(seed, playFor(seed)), checkBin);
}

function over(scene: Scene, check: (scene: Scene) => void): string[] {
  check(scene);
  scene.server.sql.close();
  return scene.problems;
}
