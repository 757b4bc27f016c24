import type { History } from "durable-grove/history";
import { colorOfName } from "../colors.ts";

/** Who made something: as history has it. */
export interface Maker {
  readonly seq: number;
  readonly client: string | null;
  readonly userId: string | null;
}

/** Nobody signs in here, and a client's id says nothing: with each change goes a name, which stays the same for a client. */
const names = new Map<string, string>();
/** Clients whose names are asked for at once. Of more the names come later, or not. */
const MOST = 20;

const keyOf = ({ client, seq }: Maker) => client ?? `#${seq}`;

/** Those whose names are not known yet, one for each. */
export function unknown(makers: Iterable<Maker>): readonly Maker[] {
  const found = new Map<string, Maker>();
  for (const { seq, client, userId } of makers) {
    const key = keyOf({ seq, client, userId });
    if (userId === null && !names.has(key) && found.size < MOST) found.set(key, { seq, client, userId });
  }
  return [...found.values()];
}

/** Asks for their names: an event of each has it. */
export async function learnNames(history: History, makers: Iterable<Maker>, signal: AbortSignal): Promise<void> {
  const learn = async (maker: Maker) => {
    const { entries } = await history.events({ after: maker.seq - 1, limit: 1 }, { signal }).page();
    const by = entries[0]?.meta?.by;
    names.set(keyOf(maker), typeof by === "string" ? by : "Somebody");
  };
  await Promise.all(unknown(makers).map(learn));
}

export interface Author {
  readonly name: string;
  readonly color: string;
}

export function authorOf(maker: Maker): Author {
  const name = maker.userId ?? names.get(keyOf(maker)) ?? "Somebody";
  return { name, color: colorOfName(name) };
}
