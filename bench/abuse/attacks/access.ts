import { type Attack, DOCUMENT } from "../kinds.ts";
import type { Rude } from "../rude.ts";

// Who one is, asked again and again.

/** What a token and a user's id take at most, in characters. */
const [TOKEN, USER] = [8_192, 128];
/** From a document to what stands beside all of them. */
const TICKETS = "/../../tickets";

/** So many ask over HTTP, each as soon as it was answered. */
async function askOn(rude: Rude, count: number, ask: (number: number) => [path: string, body: object]): Promise<void> {
  let asked = 0;
  const one = async () => {
    while (!rude.over) {
      const [path, body] = ask(asked++);
      if ((await rude.ask("POST", path, JSON.stringify(body))) === 0) await rude.pause(100);
    }
  };
  await Promise.all(Array.from({ length: count }, one));
}

export const access: readonly Attack[] = [
  {
    name: "auths",
    title: "20 clients who send a token of 8 KiB as fast as they can",
    async attack(rude) {
      const held = await rude.held();
      const all = await Promise.all(Array.from({ length: 20 }, (_, index) => rude.join(`auth-${index}`, { held })));
      const text = JSON.stringify({ type: "auth", token: "x".repeat(TOKEN) });
      for (; !rude.over; await rude.pause(5)) for (const each of all) if (each.waiting < 100_000) each.send(text);
    },
  },
  {
    name: "tickets",
    title: "16 who fetch tickets that nobody uses",
    attack: (rude) => askOn(rude, 16, () => [TICKETS, { document: DOCUMENT }]),
  },
  {
    name: "tickets-made-up",
    title: "25 who connect with made-up tickets, again and again",
    async attack(rude) {
      const loop = async (index: number) => {
        for (let count = 0; !rude.over; count++) {
          const ticket = (index * 1_000_000 + count).toString(16).padStart(64, "0");
          const by = rude.open(`made-up-${index}`, {}, `${DOCUMENT}?ticket=${ticket}`);
          await rude.until(() => by.closed !== null);
          by.close();
        }
      };
      await Promise.all(Array.from({ length: 25 }, (_, index) => loop(index)));
    },
  },
  {
    name: "revocations",
    title: "an admin who revokes users of 128 characters, 16 at once",
    attack: (rude) => askOn(rude, 16, (number) => ["/revoke", { user: String(number).padStart(USER, "u") }]),
  },
];
