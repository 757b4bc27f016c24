import type { Rude } from "../rude.ts";

/** Asks for each of these so often at once, again and again. */
export async function inParallel(rude: Rude, paths: readonly string[], each: number): Promise<void> {
  const loop = async (path: string) => {
    while (!rude.over) if ((await rude.ask("GET", path)) === 0) await rude.pause(200);
  };
  await Promise.all(paths.flatMap((path) => Array.from({ length: each }, () => loop(path))));
}
