import type { Attack } from "../kinds.ts";
import type { Rude } from "../rude.ts";
import type { RudeClient, RudeOptions } from "../rude-client.ts";

// What is told to everyone about everyone.

const OTHERS = 16;

/** If they read all of it, this process would be what is slow: it is told to each of them about each. */
const DEAF: RudeOptions = { deaf: true, syncs: "never" };

/** So many who join in the first half of the attack and stay, each with so many bytes of presence. */
async function crowd(rude: Rude, count: number, bytes: number, options: RudeOptions = {}): Promise<RudeClient[]> {
  const held = await rude.held();
  const all: RudeClient[] = [];
  const start = performance.now();
  while (all.length < count && !rude.over) {
    const due = Math.min(count, ((performance.now() - start) / (rude.lasts / 2)) * count);
    while (all.length < due)
      all.push(rude.open(`crowd-${all.length}`, { held, presence: { at: "x".repeat(bytes - OTHERS) }, ...options }));
    await rude.pause(10);
  }
  await rude.until(() => all.every(({ joined, closed }) => joined || closed !== null));
  return all;
}

/** Five who come, and answer every sync. */
async function joiners(rude: Rude): Promise<void> {
  const held = await rude.held();
  for (let index = 0; index < 5; index++) await rude.join(`joiner-${index}`, { held });
}

export const presence: readonly Attack[] = [
  {
    name: "presence",
    title: "300 who are there with 4 KiB of presence each, then five who join",
    async attack(rude) {
      await crowd(rude, 300, 4_096);
      await joiners(rude);
    },
  },
  {
    name: "presence-many",
    title: "4 950 who read nothing, with 250 bytes of presence each, then five who join",
    async attack(rude) {
      await crowd(rude, 4_950, 250, DEAF);
      await joiners(rude);
    },
  },
  {
    name: "presence-total",
    title: "1 500 who read nothing, with 4 KiB of presence each",
    attack: async (rude) => void (await crowd(rude, 1_500, 4_096, DEAF)),
  },
  {
    name: "presence-flood",
    title: "50 clients who set 4 KiB of presence as fast as they can",
    async attack(rude) {
      const all = await crowd(rude, 50, 16);
      for (let count = 0; !rude.over; count++) {
        const data = { at: `${count} ${"x".repeat(4_000)}` };
        const text = JSON.stringify({ type: "presence", data });
        for (const each of all) if (each.waiting < 100_000) each.send(text);
        await rude.pause(5);
      }
    },
  },
];
