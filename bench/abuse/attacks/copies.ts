import { LARGE, many } from "../document.ts";
import type { Attack } from "../kinds.ts";
import type { Rude } from "../rude.ts";
import { askDeaf } from "./http.ts";
import { makePast } from "./past.ts";

// Documents that are made of this one, or of what somebody says was one.

/** Beside the document, seen from its URL. */
const beside = (name: string) => `/../${name}`;

/** Forks again and again into documents of its own, which go as soon as they are there. */
async function forkOn(rude: Rude, how: Readonly<Record<string, unknown>>, name: string): Promise<void> {
  for (let round = 0; !rude.over; round++) {
    const to = `${name}-${round}`;
    const status = await rude.ask("POST", "/fork", JSON.stringify({ to, ...how }));
    rude.saw(String(status));
    if (status === 201) await rude.ask("DELETE", beside(to));
    else await rude.pause(100);
  }
}

/** A backup of which each row is as it should be but for what is put in place of its events. */
function* backupOf(rows: Iterable<string>, seq: number): Generator<string> {
  const wakeUps = { message: 0, connect: 0, close: 0, alarm: 0, call: 0 };
  const counters = { commits: 0, mutations: 0, rejections: 0, rowsWritten: 0, wakeUps };
  const totals = { size: 1, buried: 0, uncounted: [], more: false, large: false, doomed: [], search: null };
  const kept = { salt: 1, historyFrom: 1, totals, counters };
  const past = { createdAt: 1, seq, time: 1, versions: [], kept };
  yield `${JSON.stringify({ grove: { version: 1, schema: 6, root: "root", options: {}, past } })}\n`;
  yield `${JSON.stringify({ nodes: [["root", "page", {}, null, null, null, null, null, 0, null, 0, null, null]] })}\n`;
  yield* rows;
  yield '{"end":{"nodes":1,"events":1}}\n';
}

/** One event of so many rows of half a million characters, which is put into the node that it says it has changed. */
function* largeCommit(rows: number): Generator<string> {
  const text = "\u0436".repeat((rows - 1) * ROW);
  const ops = [{ op: "update", id: "root", attrs: { text } }];
  const event = JSON.stringify({ seq: 1, time: 1, client: null, mutation: null, userId: null, ops });
  const body = `${event}\n[]`;
  for (let part = 0; part < rows; part++)
    yield `${JSON.stringify({ events: [[1, part, 1, 1, body.slice(part * ROW, (part + 1) * ROW)]] })}\n`;
}

/** Typing of a letter in each line of ten characters, which comes to a whole event with its `meta`. */
function typingOf(lines: number): string {
  const changes = ["a"];
  const event = {
    ...{ seq: 1, time: 1, client: "c", mutation: 1, userId: null },
    ...{ ops: [{ op: "edit", id: "root", attr: "t", changes }], meta: { is: "x".repeat(4_000) } },
  };
  const body = `\n${JSON.stringify(event)}\t[]${'\n=[0,0,["a"]]'.repeat(lines - 1)}`;
  return `${JSON.stringify({ events: [[1, 0, lines, 1, body]] })}\n`;
}

/** A version with a name that is as long as may be. */
function named(name: string): string {
  return JSON.stringify({ name: name.padStart(128, "\u0436") });
}

/** Characters in a row of the log. */
const ROW = 512 * 1024;

const bodies: string[] = [];

/** Backups that no document has made. */
function madeUp(): string[] {
  return [
    [...backupOf(largeCommit(41), 1)].join(""),
    [...backupOf([typingOf(190_000)], 190_000)].join(""),
    [...backupOf([`{"events":[${"[],".repeat(1_000_000)}[]]}\n`], 1)].join(""),
    [...backupOf([`{"events":${"[".repeat(1_500_000)}${"]".repeat(1_500_000)}}\n`], 1)].join(""),
    [...backupOf([`{"clients":[[${'{"a":[]},'.repeat(300_000)}1]]}\n`], 1)].join(""),
  ];
}

export const copies: readonly Attack[] = [
  {
    name: "forks",
    title: "20 who fork 20 000 nodes at once, half of them with the history, into new documents and into the same one",
    lines: () => many(20_000, 100),
    prepare: (rude) => makePast(rude, "past", 5_000, 2_000, 200),
    attack: async (rude) => {
      const loops = Array.from({ length: 20 }, (_, index) =>
        forkOn(rude, { history: index % 2 === 0 }, index % 4 < 2 ? `fork${index}` : "same"),
      );
      await Promise.all(loops);
    },
  },
  {
    name: "forks-past",
    title: "4 who fork with the history the moment before the last of 40 000 events",
    lines: () => many(2_000, 100),
    prepare: (rude) => makePast(rude, "past", 40_000, 2_000, 20),
    attack: async (rude) => {
      await Promise.all(
        Array.from({ length: 4 }, (_, index) => forkOn(rude, { at: 39_999, history: true }, `past${index}`)),
      );
    },
  },
  {
    name: "backups-unread",
    title:
      "16 backups of 31 MB with a history of 20 000 events that are asked for and not read, while the history is let go of",
    lines: () => many(31, LARGE),
    options: { historyMaxEvents: 20_000 },
    prepare: (rude) => makePast(rude, "past", 20_000, 1, 200),
    attack: async (rude) => {
      for (let index = 0; index < 16; index++) askDeaf(rude, "/export?history=true");
      await makePast(rude, "rude", 2_000, 1, 200);
    },
  },
  {
    name: "versions",
    title:
      "1 000 versions with names of 128 characters, then 8 who list all of them, and 8 who name, rename and delete",
    lines: () => many(100, 20),
    async prepare(rude) {
      for (let index = 0; index < 990; index++) await rude.ask("POST", "/versions", named(`${index}`));
    },
    attack: async (rude) => {
      const listing = async () => {
        while (!rude.over) await rude.ask("GET", "/versions?limit=1000");
      };
      const naming = async (_: unknown, index: number) => {
        for (let round = 0; !rude.over; round++) {
          const made = await fetch(`${rude.url}/versions`, { method: "POST", body: named(`${index} ${round}`) });
          const { id }: { id?: string } = JSON.parse(await made.text());
          if (id === undefined) continue;
          await rude.ask("PATCH", `/versions/${id}`, named(`${index} ${round} again`));
          await rude.ask("DELETE", `/versions/${id}`);
        }
      };
      await Promise.all([...Array.from({ length: 8 }, listing), ...Array.from({ length: 8 }, naming)]);
    },
  },
  {
    name: "options-loop",
    title: "PATCH historyMaxBytes up and down over 20 000 commits, by 4 who wait for nothing else",
    lines: () => many(2_000, 20),
    prepare: (rude) => makePast(rude, "past", 20_000, 2_000),
    attack: async (rude) => {
      const loop = async (_: unknown, index: number) => {
        for (let round = index; !rude.over; round++) {
          const options = { historyMaxBytes: 100_000_000 + round };
          await rude.ask("PATCH", "", JSON.stringify({ options }));
        }
      };
      await Promise.all(Array.from({ length: 4 }, loop));
    },
  },
  {
    name: "backups-made-up",
    title:
      "5 imports of backups: an event of 20 Mi characters, typing that comes to 800 MB, and lines of 3 Mi brackets",
    lines: () => many(100, 20),
    // To make them takes longer than to send them.
    prepare: async () => void bodies.push(...madeUp()),
    attack: async (rude) => {
      const loop = async (body: string, name: string) => {
        while (!rude.over) if ((await rude.ask("POST", `${beside(name)}/import`, body)) === 0) await rude.pause(200);
      };
      await Promise.all(bodies.map((body, index) => loop(body, `made-up-${index}`)));
    },
  },
];
