/**
 * Since when all that a client has done to texts came out as it was asked for, as nobody else was in them. What it has in flight since
 * then says where it stands by itself; else one has to go back to where the first of that was made, and what was in flight then.
 */
export interface Clear {
  is(client: string, base: number): boolean;
  /** It has done something among what others had done, or might have. */
  end(client: string, seq: number): void;
}

/** Others are reckoned with whoever was forgotten last. */
const MOST_CLIENTS = 1_024;

/** Of what was done up to `from` nothing is known. */
export function createClear(from: number): Clear {
  const ended = new Map<string, number>();
  let forgotten = from;
  return {
    is: (client, base) => (ended.get(client) ?? forgotten) <= base,
    end(client, seq) {
      ended.delete(client);
      ended.set(client, seq);
      if (ended.size <= MOST_CLIENTS) return;
      const [[oldest, at] = [client, seq]] = ended;
      ended.delete(oldest);
      forgotten = Math.max(forgotten, at);
    },
  };
}
