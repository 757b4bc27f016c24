import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  type ClientMessage,
  decodeClientMessage,
  ERRORS,
  LIMITS,
  PROTOCOL,
  type Principal,
  type ServerMessage,
  success,
} from "../../src/protocol/index.ts";
import { RIGHTS } from "../../src/protocol/rights.ts";
import { createSession, type Subscriber } from "../../src/session.ts";
import { createSqliteTables } from "../../src/storage.ts";
import { openTestSql } from "../support/node-sqlite.ts";

interface Row {
  readonly role: string;
  readonly route?: string;
  readonly call?: string;
  readonly message?: string;
}

// docs/protocol.md says what the code does: codes, limits, messages, and frames to the letter.

const page = readFileSync("docs/protocol.md", "utf8");

/** The text of a chapter, by its number. */
function chapter(number: number): string {
  const text = page.split(/^## /m).find((each) => each.startsWith(`${number}. `));
  if (text === undefined) throw new Error(`docs/protocol.md has no chapter ${number}`);
  return text;
}

/** The cells of all table rows of a text, without heads and rulers. */
function rows(text: string): string[][] {
  const lines = text.split("\n").filter((line) => line.startsWith("|"));
  const bodies = lines.filter((line, at) => !/^\|[-|]+\|$/.test(line) && !/^\|[-|]+\|$/.test(lines[at + 1] ?? ""));
  return bodies.map((line) =>
    line
      .slice(1, -1)
      .split(" | ")
      .map((cell) => cell.trim().replace(/^\|\s*/, "")),
  );
}

/** The lines of all JSON blocks of a text. */
function examples(text: string): string[] {
  return Array.from(text.matchAll(/```json\n([\s\S]*?)\n```/g), (match) => (match[1] ?? "").split("\n")).flat();
}
const typeOf = (frame: string): string => JSON.parse(frame).type;

const fromClients: Record<ClientMessage["type"], true> = {
  join: true,
  mutate: true,
  presence: true,
  sync: true,
  auth: true,
  leave: true,
};
const fromServers: Record<ServerMessage["type"], true> = {
  welcome: true,
  snapshot: true,
  delta: true,
  reject: true,
  unchanged: true,
  presence: true,
  sync: true,
  auth: true,
  error: true,
};

describe("docs/protocol.md", () => {
  test("W11: lists every code with its close code, HTTP status and duty, and no other", () => {
    const listed = rows(chapter(15)).map(([code = "", close, status, , , duty]) => [
      code.replaceAll("`", ""),
      { close: close === "–" ? null : Number(close), status: Number(status), duty },
    ]);
    expect(Object.fromEntries(listed)).toEqual(ERRORS);
    expect(listed).toHaveLength(Object.keys(ERRORS).length);
  });

  test("names no close code elsewhere that no code of the list has", () => {
    const known = [1000, 1006, ...Object.values(ERRORS).map(({ close }) => close)];
    const named = Array.from(page.matchAll(/\b(?:40\d\d|10[01]\d)\b/g), ([number]) => Number(number));
    expect(named.filter((number) => !known.includes(number))).toEqual([]);
    for (const [, code = "", close] of page.matchAll(/`(\w+)`,? \(?(40\d\d)\b/g)) {
      expect([code, Number(close)]).toEqual([code, ERRORS[code as keyof typeof ERRORS]?.close]);
    }
  });

  test("lists every limit with its value, and no other", () => {
    const units: Record<string, number> = {
      KiB: 1024,
      MiB: 1024 * 1024,
      Mi: 1024 * 1024,
      ms: 1,
      s: 1000,
      h: 3_600_000,
      days: 86_400_000,
    };
    const listed = rows(chapter(16)).map(([name = "", value = ""]) => {
      const [, digits = "", unit] = /^([\d ]+?)(?: ([A-Za-z]+))?$/.exec(value) ?? [];
      return [name.replaceAll("`", ""), Number(digits.replaceAll(" ", "")) * (unit ? (units[unit] ?? Number.NaN) : 1)];
    });
    expect(Object.fromEntries(listed)).toEqual(LIMITS);
  });

  test("W30: has the table of rights, row by row", () => {
    const code = (text = "") => (text === "" ? "" : `\`${text}\``);
    const table = Object.entries(RIGHTS).map(([deed, right]: [string, Row]) =>
      ["", code(deed), code(right.role), code(right.route), code(right.call), code(right.message), ""].join(" | "),
    );
    const plain = (line: string) => line.replaceAll(/\s+/g, " ").trim();
    const lines = chapter(19)
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    expect(lines.map(plain)).toEqual(table.map(plain));
  });

  test("has an example of every message, and each field of an example stands in a table or a list beside it", () => {
    for (const [number, types] of [
      [2, fromClients],
      [3, fromServers],
    ] as const) {
      const text = chapter(number);
      const frames = examples(text);
      expect(new Set(frames.map(typeOf))).toEqual(new Set(Object.keys(types)));
      for (const frame of frames) {
        const unnamed = Object.keys(JSON.parse(frame)).filter((key) => key !== "type" && !text.includes(`\`${key}\``));
        expect(unnamed, frame).toEqual([]);
      }
    }
  });

  test("shows client messages that the server understands whole", () => {
    for (const frame of examples(chapter(2))) {
      const decoded = decodeClientMessage(frame);
      // Nothing was ignored, which is how a misspelt field would look, and no mutation in it is malformed.
      expect(decoded).toEqual({ ok: true, value: JSON.parse(frame) });
    }
    expect(page).toContain(`# The wire, version ${PROTOCOL}\n`);
  });

  test("shows server messages as the server sends them, to the letter", () => {
    const heard = playTheExamples();
    for (const frame of examples(chapter(3))) expect(heard).toContain(frame);
  });
});

/** Ann sends what chapter 2 shows, Bob does what her answers need; returns every frame that the server sent. */
function playTheExamples(): string[] {
  const now = 1_790_000_000_000;
  const anybody: Principal = { user: null, role: "write" };
  const setup = {
    documentId: "plan",
    tables: createSqliteTables(openTestSql()),
    newId: () => "3f1c9a52",
  };
  let session = createSession(setup);
  const heard: string[] = [];
  /** What survives a hibernation. */
  const saved = new Map<string, Subscriber>();
  const take = () => {
    for (const delivery of session.take()) {
      if (delivery.kind === "send") heard.push(delivery.text);
      if (delivery.kind === "save") saved.set(delivery.subscriber.id, delivery.subscriber);
    }
  };
  const receive = (from: string, frame: string) => {
    session.receive(from, frame, now);
    while (session.waiting) session.work(now);
    // Twice: the window that a commit opens is over when nothing came in it.
    session.flush(now);
    session.flush(now);
    session.tell(now + 50);
    take();
  };
  const connect = (id: string) => session.connect(id, anybody, now);
  const [
    join = "",
    joinAgain = "",
    mutate = "",
    move = "",
    undo = "",
    presence = "",
    sync = "",
    auth = "",
    leave = "",
  ] = examples(chapter(2));
  let counter = 0;
  const bob = (...ops: object[]) =>
    receive("bob", JSON.stringify({ type: "mutate", mutations: [{ mutation: ++counter, ops }] }));

  session.calls.getOrStart(
    {
      tree: {
        id: "root",
        type: "list",
        children: [
          { id: "milk", type: "item", attrs: { text: "Milk" } },
          { id: "bread", type: "item", attrs: { text: "Bread", note: "dark" } },
        ],
      },
      options: {},
    },
    now,
  );
  connect("b07d");
  receive("b07d", join);
  connect("bob");
  receive("bob", JSON.stringify({ type: "join", protocol: 2, client: "bob-1" }));
  receive("b07d", mutate);
  bob({ op: "move", id: "eggs", parent: "bread" });
  receive("b07d", move);
  bob({ op: "remove", id: "milk" });
  const late = [
    { op: "insert", node: { id: "oat", type: "item" }, parent: "milk" },
    { op: "update", id: "milk", attrs: { text: "Oat milk" } },
  ];
  receive("b07d", JSON.stringify({ type: "mutate", mutations: [{ mutation: 4, base: 3, ops: late }] }));
  // The text that it has: nothing changes.
  const same = [{ op: "update", id: "milk", attrs: { text: "Oat milk" } }];
  receive("b07d", JSON.stringify({ type: "mutate", mutations: [{ mutation: 5, base: 5, ops: same }] }));
  receive("b07d", undo);
  receive("b07d", presence);

  // More than Ann reads, until she answers.
  const large = "x".repeat(LIMITS.syncBytes);
  for (let n = 0; n <= LIMITS.syncsUnanswered; n++) bob({ op: "update", id: "bread", attrs: { large: large + n } });
  receive("b07d", sync);
  receive("b07d", JSON.stringify({ type: "sync", n: LIMITS.syncsUnanswered }));

  // She has missed that somebody left, before the object slept; what the others show has taken all there is by now.
  const [ann, other] = [saved.get("b07d"), saved.get("bob")];
  if (!ann?.joined || !other?.joined) throw new Error("both have joined");
  const shows = { data: null, at: 2, bytes: LIMITS.presenceTotalBytes };
  const subscribers: Subscriber[] = [
    { ...ann, joined: { ...ann.joined, misses: { upTo: 1, lost: true } } },
    { ...other, joined: { ...other.joined, presence: shows } },
  ];
  session = createSession({ ...setup, subscribers });
  receive("b07d", JSON.stringify({ type: "presence", data: "x".repeat(LIMITS.presenceShareBytes) }));
  receive("bob", JSON.stringify({ type: "presence", data: null }));
  session = createSession({ ...setup, subscribers: subscribers.slice(0, 1) });
  receive("b07d", JSON.stringify({ type: "sync", n: ann.joined.flow.asked }));

  connect("b07e");
  receive("b07e", joinAgain);
  receive("b07e", auth);
  session.verified("b07e", success({ ...anybody, renewable: true, expires: now + 900_000 }), now);
  take();
  receive("b07e", leave);
  return heard;
}
