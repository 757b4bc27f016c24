import { CannotReplay, type Listing, type Source } from "./commits.ts";
import type { Gate } from "./gate.ts";
import type { Link } from "./link.ts";
import { foldCommit } from "./listing.ts";
import { toMutations } from "./mutations.ts";
import { createPlanner } from "./plan.ts";
import type { Progress } from "./progress.ts";
import { checkResume, type Resume, USE_FRESH } from "./resume.ts";
import { createSender } from "./send.ts";
import type { Server } from "./server.ts";

export interface Poured {
  /** What the document has to hold now. */
  readonly expected: Listing;
  /** How many commits took more than one mutation. */
  readonly split: number;
}

export interface Pouring {
  readonly source: Source;
  readonly server: Server;
  readonly root: string;
  readonly resume: Resume | null;
  readonly links: readonly Link[];
  readonly gate: Gate;
  readonly progress: Progress;
}

/** Sends a source's commits, but those that the document holds already, and waits until all are answered. */
export async function pour({ source, server, root, resume, links, gate, progress }: Pouring): Promise<Poured> {
  const planner = createPlanner(root);
  const sender = createSender(links, gate);
  const expected = new Map<string, string>();
  let there = resume; // null from where the document ends
  let index = 0;
  let split = 0;
  for await (const commit of source.commits()) {
    const mutations = toMutations(commit, index, planner.plan(commit, index));
    foldCommit(expected, commit);
    index++;
    if (mutations.length > 1) split++;
    for (const mutation of mutations) {
      const { at } = mutation;
      if (!there) {
        await sender.send(mutation);
        continue;
      }
      if (at.part + 1 === at.parts) progress.done = ++progress.skipped;
      if (at.commit !== there.at.commit || at.part !== there.at.part) continue;
      await checkResume(server, there, mutation, planner.toData());
      there = null;
    }
  }
  if (there) {
    const ends = `the document ends with commit ${there.at.commit}`;
    throw new CannotReplay(`${ends}, and this history has ${index} commits only: ${USE_FRESH}`);
  }
  await sender.finished();
  return { expected, split };
}
