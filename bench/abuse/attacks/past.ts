import { type Rude, update } from "../rude.ts";

/** A history of so many updates of so many nodes by a client, as fast as the document takes them. */
export async function makePast(
  rude: Rude,
  client: string,
  events: number,
  nodes: number,
  characters = 0,
): Promise<void> {
  const by = await rude.join(client, { held: await rude.held() });
  for (let done = 0; done < events; done += FRAME) {
    const changes = Array.from({ length: Math.min(FRAME, events - done) }, (_, index) => ({
      ops: [update(`n${(done + index) % nodes}`, { text: `past ${done + index}`.padEnd(characters, "x") })],
    }));
    await rude.commit(by, changes);
    if (by.closed !== null) throw new Error(`while the past was made: ${by.closed}`);
  }
  by.close();
}

const FRAME = 250;
