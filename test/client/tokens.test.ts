import { describe, expect, test } from "vitest";
import { fetchTicket, MutationError } from "../../src/client/index.ts";
import type { Principal } from "../../src/protocol/index.ts";
import { failure, memory, success } from "../../src/testing/index.ts";
import { createScene, LIST, type Person, text, write } from "./scene.ts";
import { tap } from "./tap.ts";

/** A server with tokens like `ann write 60`: who, what one may, and for how many seconds from when it was made. */
function guarded() {
  const made = new Map<string, number>();
  const authenticate = (token: string | null) => {
    if (token === null) return failure("unauthorised", "a token is needed");
    const [id = "", role, seconds] = token.split(" ");
    if (role !== "read" && role !== "write" && role !== "admin") return failure("unauthorised", "no token of ours");
    const issued = made.get(token) ?? scene.server.now;
    made.set(token, issued);
    const expires = seconds === undefined ? undefined : issued + Number(seconds) * 1_000;
    if (expires !== undefined && expires <= scene.server.now) return failure("unauthorised", "the token has expired");
    return success<Principal>({ user: { id }, role, issued, ...(expires !== undefined && { expires }) });
  };
  const scene = createScene({ authenticate });
  return scene;
}

const stateOf = ({ doc }: Person) => [doc.status.state, doc.status.reason?.code ?? null];

describe("tokens", () => {
  test("R22 a refusal is in the status within a second: `unauthorised` of a text ends it, and so does `forbidden`", async () => {
    const { open, server, settle } = guarded();
    const people = [open({ token: "nothing" }), open({}), open({ token: "ann read" })];
    await server.advance(999);
    expect(people.map(stateOf)).toEqual([
      ["closed", "unauthorised"],
      ["closed", "unauthorised"],
      ["live", null],
    ]);
    expect(people[0]?.doc.status.reason?.message).toBe("no token of ours");
    server.call("plan").revoke({ user: "ann" });
    await settle();
    expect(stateOf(people[2] as Person)).toEqual(["closed", "forbidden"]);
    expect(people[2]?.doc.status.reason?.message).toBe("access was revoked");
    expect(text(people[2]?.doc as never, "a")).toBe("a");
  });

  test("R22 after `unauthorised` a function is asked again, soon and then ever more rarely; what is there stays readable", async () => {
    const { open, server } = guarded();
    const asked: number[] = [];
    let works = true;
    const ann = open({
      token() {
        asked.push(server.now);
        return works ? `ann write 10 ${asked.length}` : "stale";
      },
    });
    await server.advance(1_000);
    works = false;
    const began = server.now;
    asked.length = 0;
    await server.advance(120_000);
    expect([ann.doc.status.state, ann.doc.status.reason?.message]).toEqual(["offline", "no token of ours"]);
    const [renewal = 0, second = 0] = asked;
    // Its token was over by half: it is asked before that, and what comes is no good. Once more soon, and not all at the same moment.
    expect([renewal - began, second - renewal]).toEqual([4_000, expect.any(Number)]);
    expect(second - renewal).toBeLessThan(700);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.length).toBeLessThan(60);
    expect(text(ann.doc, "a")).toBe("a");
    works = true;
    await server.advance(16_000);
    expect(ann.doc.status.state).toBe("live");
  });

  test("R23 a new token goes to the server before the old one is over: no reconnect, no snapshot, nothing missed", async () => {
    const { server, open } = guarded();
    const machine = server.machine();
    const [dialled, sent, heard]: [string[], string[], string[]] = [[], [], []];
    const platform = tap(machine, {
      dialled: (url) => dialled.push(url),
      up: (frame) => sent.push(frame.slice(0, 15)),
      down(frame) {
        heard.push(/"type":"(\w+)"/.exec(frame)?.[1] ?? frame);
        return frame;
      },
    });
    let asked = 0;
    const ann = open({ machine, platform, token: () => `ann write 100 ${++asked}` });
    const bob = open({ token: "bob write" });
    await server.advance(1_000);
    const [before] = [heard.length];
    for (let minute = 0; minute < 10; minute++) {
      write(ann.doc, "a", `a${minute}`);
      write(bob.doc, "b", `b${minute}`);
      await server.advance(60_000);
      expect([text(ann.doc, "b"), text(bob.doc, "a"), ann.doc.status.state]).toEqual([
        `b${minute}`,
        `a${minute}`,
        "live",
      ]);
    }
    expect([dialled.length, ann.heard.errors]).toEqual([1, []]);
    expect(heard.slice(before).filter((type) => type === "snapshot" || type === "welcome")).toEqual([]);
    // Each 30 s before the end of 100 s.
    expect(sent.filter((frame) => frame === '{"type":"auth",').length).toBe(8);
    expect(machine.lastUrl).toBe(server.url("plan"));
  });

  test("R23 where none comes it tries again, and goes on with what it has until that is over", async () => {
    const { server, open } = guarded();
    let fails = false;
    let asked = 0;
    const ann = open({
      token: async () => {
        if (fails) throw new Error("no session");
        return `ann write 100 ${++asked}`;
      },
    });
    await server.advance(1_000);
    fails = true;
    await server.advance(80_000);
    expect(ann.doc.status.state).toBe("live");
    expect(ann.heard.errors.length).toBe(3);
    fails = false;
    await server.advance(60_000);
    expect([ann.doc.status.state, ann.heard.errors.length]).toEqual(["live", 3]);
    fails = true;
    await server.advance(100_000);
    expect([...stateOf(ann), ann.doc.status.reason?.message]).toEqual([
      "offline",
      "unavailable",
      "there is no token: Error: no session",
    ]);
  });

  test("R22 many that are refused at the same moment do not come back at the same moment", async () => {
    const { server, open } = guarded();
    const [asked, settled]: [number[], number[]] = [[], []];
    for (let n = 0; n < 20; n++) {
      let own = 0;
      open({
        token() {
          own++;
          if (own === 1) settled.push(server.now);
          if (own === 2) asked.push(server.now);
          return "stale";
        },
      });
    }
    await server.advance(1_000);
    expect([new Set(settled).size, asked.length]).toEqual([1, 20]);
    expect(new Set(asked).size).toBeGreaterThan(10);
    expect(Math.max(...asked) - Math.min(...asked)).toBeGreaterThan(200);
  });

  test("R22 whose token cannot be fetched, as without a network, is offline as one without a server is", async () => {
    const { server, open } = guarded();
    let works = false;
    const ann = open({
      token: () => (works ? "ann write" : Promise.reject(new TypeError("fetch failed"))),
    });
    await server.advance(30_000);
    expect(stateOf(ann)).toEqual(["offline", "unavailable"]);
    works = true;
    await server.advance(16_000);
    expect(stateOf(ann)).toEqual(["live", null]);
  });

  test.each([null, undefined, 7])(
    "R23 a function that gives %s has given no token: it is asked again, at first and to renew",
    async (nothing) => {
      const { server, open } = guarded();
      let given: unknown = nothing;
      let asked = 0;
      const token = () => {
        asked++;
        return given as string;
      };
      const ann = open({ token });
      await server.advance(10_000);
      expect([...stateOf(ann), ann.doc.status.reason?.message]).toEqual([
        "offline",
        "unavailable",
        `there is no token: Error: it is ${nothing}`,
      ]);
      expect(asked).toBeGreaterThan(2);
      given = "ann write 100";
      await server.advance(16_000);
      const [before, told] = [asked, ann.heard.errors.length];
      given = nothing;
      await server.advance(78_000);
      expect([ann.doc.status.state, asked > before, ann.heard.errors.length > told]).toEqual(["live", true, true]);
      given = "ann write 1000";
      await server.advance(60_000);
      expect([ann.doc.status.state, ann.heard.errors.length]).toEqual(["live", told + asked - before - 1]);
    },
  );

  test("R24 revoked with work on its way: refused one by one with the reason, kept in the outbox, and sent if let in again", async () => {
    const { server, open, settle, truth } = guarded();
    const machine = server.machine();
    const kept = memory();
    const ann = open({ machine, token: () => `ann write`, persist: kept, client: undefined });
    await settle();
    machine.hold("up");
    const [first, second] = [write(ann.doc, "a", "A"), write(ann.doc, "b", "B")];
    await settle();
    server.call("plan").revoke({ user: "ann" });
    await settle();
    for (const { committed } of [first, second]) {
      await expect(committed).rejects.toMatchObject({ problem: { code: "forbidden", message: "access was revoked" } });
      await expect(committed).rejects.toBeInstanceOf(MutationError);
    }
    expect([stateOf(ann), ann.heard.rejected]).toEqual([
      ["closed", "forbidden"],
      ["forbidden", "forbidden"],
    ]);
    expect(ann.doc.outbox.map(({ ops }) => ops)).toEqual([
      [{ op: "update", id: "a", attrs: { text: "A" } }],
      [{ op: "update", id: "b", attrs: { text: "B" } }],
    ]);
    expect([ann.doc.pending, text(ann.doc, "a"), truth()]).toEqual([2, "A", expect.objectContaining(LIST)]);
    machine.release();
    await settle();
    expect(truth()).toMatchObject(LIST);
    // Kept for the next visit, too.
    await ann.doc.close();
    const again = open({ machine, token: "ann write", persist: kept });
    await settle();
    expect([again.doc.status.reason?.code, again.doc.outbox.length, text(again.doc, "b")]).toEqual([
      "forbidden",
      2,
      "B",
    ]);
    server.call("plan").revoke({ user: "ann", role: "admin" });
    again.doc.connect();
    await server.advance(2_000);
    expect([again.doc.pending, again.doc.outbox]).toEqual([0, []]);
    expect(truth()).toMatchObject({ children: [{ attrs: { text: "A" } }, { attrs: { text: "B" } }] });
  });

  test("R24 a role that becomes read: told, and what one writes is rejected and rolled back", async () => {
    const { server, open, settle } = guarded();
    const ann = open({ token: "ann write" });
    const roles: string[] = [];
    ann.doc.on("role", (role) => void roles.push(role));
    await settle();
    server.call("plan").revoke({ user: "ann", role: "read" });
    await settle();
    expect([ann.doc.role, roles]).toEqual(["read", ["write", "read"]]);
    const { committed } = write(ann.doc, "a", "A");
    expect(text(ann.doc, "a")).toBe("A");
    await settle();
    await expect(committed).rejects.toMatchObject({ problem: { code: "forbidden" } });
    expect([text(ann.doc, "a"), ann.doc.pending, ann.doc.status.state]).toEqual(["a", 0, "live"]);
  });

  test("R22 a ticket stands in the URL instead of the token, a new one for each connection", async () => {
    const { server, open, settle } = guarded();
    const machine = server.machine();
    const asked: unknown[] = [];
    const platform = {
      ...tap(machine, {}),
      async request(method: "GET" | "POST", url: string, { token, body }: { token?: string; body?: string }) {
        asked.push([method, url, token, body]);
        if (asked.length === 2) return { status: 401, text: '{"code":"unauthorised","detail":"no token of ours"}' };
        return { status: 200, text: `{"ticket":"t ${asked.length}","expires":1}` };
      },
      connect: (url: string, events: Parameters<typeof machine.connect>[1]) =>
        machine.connect(url, events, "ann write"),
    };
    const ann = open({ machine, platform, token: async () => "secret", ticket: fetchTicket });
    await settle();
    expect(machine.lastUrl).toBe(`${server.url("plan")}?ticket=t%201`);
    expect(asked).toEqual([["POST", "http://test/tickets", "secret", '{"document":"plan"}']]);
    machine.cut();
    await server.advance(2_000);
    expect([ann.doc.status.state, machine.lastUrl]).toEqual(["live", `${server.url("plan")}?ticket=t%203`]);
    expect(ann.heard.errors.map(String)).toEqual(["Error: unauthorised: no token of ours"]);
  });

  /** Somebody whose requests for tickets are answered so. */
  function withTickets(answers: (asked: number) => { status: number; text: string }) {
    const scene = guarded();
    const machine = scene.server.machine();
    const asked: { at: number; body: string | undefined }[] = [];
    const platform = {
      ...tap(machine, {}),
      async request(_method: "GET" | "POST", _url: string, { body }: { body?: string }) {
        asked.push({ at: scene.server.now, body });
        return answers(asked.length);
      },
      connect: (url: string, events: Parameters<typeof machine.connect>[1]) =>
        machine.connect(url, events, "ann write"),
    };
    const person = scene.open({ machine, platform, token: async () => "secret", ticket: fetchTicket });
    return { ...scene, person, asked };
  }

  test("R22 a ticket that is refused for good ends it, and denies what waits to be sent", async () => {
    let code = "";
    const { server, person, asked } = withTickets(() =>
      code === ""
        ? { status: 200, text: '{"ticket":"t"}' }
        : { status: 403, text: `{"code":"${code}","detail":"not you"}` },
    );
    await server.advance(1_000);
    person.machine.cut();
    write(person.doc, "a", "A").committed.catch(() => {});
    code = "forbidden";
    const before = asked.length;
    await server.advance(60_000);
    expect([...stateOf(person), person.doc.status.reason?.message]).toEqual(["closed", "forbidden", "not you"]);
    expect([asked.length - before, person.heard.rejected, person.doc.outbox.length]).toEqual([1, ["forbidden"], 1]);
  });

  test("R22 a ticket that there is too much of now is asked for after as long as the server says", async () => {
    const { server, person, asked } = withTickets((n) =>
      n === 1
        ? { status: 429, text: '{"code":"tooMany","detail":"later","retryAfter":20000}' }
        : { status: 200, text: '{"ticket":"t"}' },
    );
    await server.advance(19_000);
    expect([...stateOf(person), asked.length]).toEqual(["offline", "tooMany", 1]);
    await server.advance(2_000);
    expect([...stateOf(person), asked.length]).toEqual(["live", null, 2]);
  });

  test.each(["<html>502</html>", "", "null", '{"code":"nonsense"}', '{"code":"full"}'])(
    "R22 what a gateway says in place of a ticket (%s) is no more than unavailable",
    async (text) => {
      const { server, person } = withTickets(() => ({ status: 502, text }));
      await server.advance(5_000);
      expect([...stateOf(person), person.doc.status.reason?.message]).toEqual([
        "offline",
        "unavailable",
        "no ticket: 502",
      ]);
    },
  );

  test.each([
    ["team%3Ax", "team:x"],
    ["team:x?a=1", "team:x"],
    ["team%", "team%"],
  ])("R22 the ticket for %s is asked for by the document's id", async (path, id) => {
    const asked: unknown[] = [];
    const request = async (_method: string, url: string, { body }: { body?: string | undefined }) => {
      asked.push(url, body);
      return { status: 200, text: '{"ticket":"t"}' };
    };
    await fetchTicket({ request }, `wss://grove.example/documents/${path}`, "secret");
    expect(asked).toEqual(["https://grove.example/tickets", JSON.stringify({ document: id })]);
  });
});
