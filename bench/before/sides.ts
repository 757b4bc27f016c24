import type { Protocol } from "../load/protocol.ts";
import type { Contestant } from "../scenarios/scene.ts";
import { type Bundle, build, type Served, type ServeOptions } from "../servers/workerd.ts";
import { type Checkout, COMMIT, checkOut } from "./checkout.ts";
import type { SideName } from "./kinds.ts";

/** The code as it is, or as it was before. */
export interface Side {
  readonly name: SideName;
  readonly bundle: Bundle;
  /** Its wire: the other side may speak another version. */
  readonly protocol: Protocol;
  /** The file of that. */
  readonly protocolFile: string;
}

export interface Sides {
  /** What is now comes first. */
  readonly all: readonly Side[];
  /** The code before, or why it is not there. */
  readonly checkout: Checkout | string;
  remove(): Promise<void>;
}

/** Ours as it is built already. */
export function sideNow({ system, protocol, bundle }: Contestant): Side {
  return { name: "now", bundle, protocol, protocolFile: system.protocol };
}

/** That, and beside it the code before, where the repository has it. */
export async function openSides(ours: Contestant, commit = COMMIT): Promise<Sides> {
  const now = sideNow(ours);
  const checkout = checkOut(commit);
  if (typeof checkout === "string") return { all: [now], checkout, remove: async () => {} };
  try {
    const before = await sideOf(checkout);
    const remove = async () => {
      await before.bundle.remove();
      checkout.remove();
    };
    return { all: [now, before], checkout, remove };
  } catch (error) {
    checkout.remove();
    throw error;
  }
}

async function sideOf({ folder, config }: Checkout): Promise<Side> {
  const protocolFile = fileIn(folder, "bench/load/grove.ts");
  const { protocol }: { protocol: Protocol } = await import(protocolFile);
  return { name: "before", bundle: await build(config), protocol, protocolFile };
}

export function fileIn(folder: string, path: string): string {
  return new URL(path, `file://${folder}/`).href;
}

/** A side that is being served. */
export interface Standing {
  readonly side: Side;
  readonly served: Served;
}

/** Serves each side on empty storage, and ends them afterwards, whatever happens. */
export async function withServers<T>(
  sides: readonly Side[],
  work: (standing: readonly Standing[]) => Promise<T>,
  options?: ServeOptions,
): Promise<T> {
  const standing: Standing[] = [];
  try {
    for (const side of sides) standing.push({ side, served: await side.bundle.serve(options) });
    return await work(standing).catch((error: unknown) => {
      // Before the connections that break now say that they do.
      console.error(error);
      throw error;
    });
  } finally {
    for (const { served } of standing) await served.stop();
  }
}
