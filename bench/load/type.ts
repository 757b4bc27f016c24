import { deskFor, keysOf } from "../text/keys.ts";
import { type Address, connect } from "./connection.ts";
import type { Load } from "./load.ts";
import { FILLER, type Protocol, type Typists } from "./protocol.ts";
import type { TypeTask } from "./tasks.ts";
import { within } from "./within.ts";
import { type Author, writeAll } from "./write.ts";

const PATIENCE = 60_000;

/** People who type, each at a place of their own. The first hears for all of them what comes. */
export async function type(protocol: Protocol, task: TypeTask): Promise<Load> {
  const clients = Array.from({ length: task.typists }, (_, typist) => clientOf(typist));
  const typists = protocol.typists?.(clients, deskFor(task.typists, task.rows));
  if (!typists) throw new Error("nobody types in a system that has no texts");
  await put(protocol, task, typists);
  const authors = clients.map((client, typist): Author => {
    const next = keysOf(task.seed * 1_000 + typist + 1);
    const press = () => typists.press(typist, next());
    return { client, next: press, ...(typist === 0 && { hear: (frame) => typists.hear(frame) }) };
  });
  return writeAll(protocol, task, authors, task.inFlight);
}

/** The client of a typist. */
export function clientOf(typist: number): string {
  return `t${typist}`;
}

/** Sends what is there before anybody types. */
export async function put(protocol: Protocol, address: Address, { fill }: Typists): Promise<void> {
  let left = fill.length;
  if (left === 0) return;
  const done = Promise.withResolvers<void>();
  const filler = await connect(protocol, address, FILLER, {
    onFrame(heard) {
      left -= heard.acknowledged;
      if (left === 0) done.resolve();
    },
    onFailure: done.reject,
  });
  for (const frame of fill) filler.send(frame);
  await within(PATIENCE, "what is there at first", done.promise);
  await filler.close();
}
