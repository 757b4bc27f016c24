import type { Rude } from "../rude.ts";
import type { RudeClient, RudeOptions } from "../rude-client.ts";

/** The same again and again, on a new connection where the old one is closed. */
export async function persist(
  rude: Rude,
  client: string,
  work: (by: RudeClient, round: number) => Promise<void>,
  options: RudeOptions = {},
): Promise<void> {
  for (let [round, failures] = [0, 0]; !rude.over; ) {
    const held = await rude.held().catch(() => null);
    if (!held) {
      rude.told("no answer");
      if (++failures > 3) return;
      await rude.pause(500);
      continue;
    }
    const by = await rude.join(client, { held, ...options });
    while (by.joined && by.closed === null && !rude.over) await work(by, round++);
    if (by.closed === null) await rude.until(() => false);
    by.close();
    await rude.pause(200);
  }
}
