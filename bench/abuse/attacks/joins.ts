import { LARGE, many } from "../document.ts";
import type { Attack } from "../kinds.ts";
import type { Rude } from "../rude.ts";
import { persist } from "./persist.ts";

// Those who come, and those who take what they are sent slowly or not at all.

async function joinAll(rude: Rude, count: number, syncs: "never" | number): Promise<void> {
  const all = Array.from({ length: count }, (_, index) => rude.open(`joiner-${index}`, { syncs }));
  await rude.until(() => all.every(({ closed }) => closed !== null));
}

export const joins: readonly Attack[] = [
  {
    name: "joins-unanswered",
    title: "4 who join 64 nodes of 1 MB and answer no sync",
    lines: () => many(64, LARGE),
    attack: (rude) => joinAll(rude, 4, "never"),
  },
  {
    name: "joins-slow",
    title: "6 honest ones on slow lines who join 64 nodes of 1 MB: a second for each sync",
    lines: () => many(64, LARGE),
    attack: (rude) => joinAll(rude, 6, 1_000),
  },
  {
    name: "joins-many",
    title: "200 who join 64 nodes of 1 MB and answer no sync",
    lines: () => many(64, LARGE),
    attack: (rude) => joinAll(rude, 200, "never"),
  },
  {
    name: "join-loop",
    title: "20 who join 100 000 nodes anew, again and again",
    lines: () => many(100_000, 40),
    async attack(rude) {
      const loop = async (index: number) => {
        while (!rude.over) {
          const by = await rude.join(`again-${index}`);
          await rude.pause(20);
          by.close();
        }
      };
      await Promise.all(Array.from({ length: 20 }, (_, index) => loop(index)));
    },
  },
  {
    name: "unjoined",
    title: "5 000 connections that never join",
    async attack(rude) {
      const start = performance.now();
      for (let count = 0; count < 5_000 && !rude.over; await rude.pause(10)) {
        const due = Math.min(5_000, ((performance.now() - start) / (rude.lasts / 2)) * 5_000);
        while (count < due) rude.open(`silent-${count++}`, { silent: true });
      }
    },
  },
  {
    name: "connect-and-go",
    title: "connect and go, 25 a second, where nobody else is",
    prepare: makeLonely,
    attack: (rude) => comeAndGo(rude, true),
  },
  {
    name: "join-and-go",
    title: "join and go, 25 a second, where nobody else is",
    prepare: makeLonely,
    attack: (rude) => comeAndGo(rude, false),
  },
  {
    name: "replace",
    title: "one client who joins anew all the time, on 20 connections",
    attack: (rude) =>
      persist(rude, "replaced", async () => {
        await Promise.all(
          Array.from({ length: 20 }, async () => {
            const by = await rude.join("replaced", { held: await rude.held() });
            await rude.pause(50);
            by.close();
          }),
        );
      }),
  },
];

/** Another document than the one in which people write. */
export const LONELY = "lonely";

async function makeLonely(rude: Rude): Promise<void> {
  await rude.ask("PUT", `/../${LONELY}`, "{}");
}

async function comeAndGo(rude: Rude, silent: boolean): Promise<void> {
  for (let index = 0; !rude.over; index++) {
    const by = rude.open(`passer-${index}`, { silent, held: { incarnation: "none", seq: 0 } }, LONELY);
    setTimeout(() => by.close(), 30);
    await rude.pause(40);
  }
}
