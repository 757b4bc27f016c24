import { runInDurableObject } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import { LIMITS, PROTOCOL, topic } from "../../../src/protocol/index.ts";
import { insert } from "../../tree/document.ts";
import { openDocument, stubOf } from "../http-client.ts";
import { deploy, expectRefused } from "./deployment.ts";
import { accessClaims, SECRET, seconds, secretToken } from "./provider.ts";

const deployment = deploy({ AUTH_SECRET: SECRET });
const tokenFor = (id: string, role = "write", changes: object = {}) =>
  secretToken(accessClaims({ documents: [{ id, role }], ...changes }));

interface Issued {
  readonly ticket: string;
  readonly expires: number;
  readonly code?: string;
  readonly retryAfter?: number;
}

/** The document, or the whole body. */
async function ask(
  document: string,
  token?: string,
  body = JSON.stringify({ document }),
): Promise<Issued & { readonly status: number }> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await deployment.fetch("/tickets", { method: "POST", headers, body });
  expect(response.headers.get("cache-control")).toBe(response.ok ? "no-store" : null);
  return { status: response.status, ...(await response.json<Issued>()) };
}
const use = (id: string, ticket: string) => deployment.connect(`${topic(id)}?ticket=${ticket}`);
const refused = async (id: string, ticket: string) =>
  expectRefused(await use(id, ticket), "unauthorised", 4001, "used, is too old, or never was");
const stored = (id: string) =>
  runInDurableObject(stubOf(id), (_, { storage }) => storage.sql.exec("SELECT * FROM tickets").toArray());

afterEach(() => vi.useRealTimers());

test("W20 a ticket opens one connection as the one who asked for it, and is gone then", async () => {
  const id = await openDocument("ticket", "root");
  const { status, ticket, expires } = await ask(id, tokenFor(id));
  expect(status).toBe(201);
  expect(expires - Date.now()).toBeGreaterThan(59_000);
  expect(expires - Date.now()).toBeLessThanOrEqual(60_000);
  const [kept] = await stored(id);
  expect(JSON.stringify(kept)).not.toContain(ticket);
  const socket = await use(id, ticket);
  socket.send({ type: "join", protocol: PROTOCOL, client: "c1" });
  expect(await socket.take("welcome")).toMatchObject({ user: { id: "auth0|5f7c8ec7c33c6c004bbafe82" }, role: "write" });
  socket.send({ type: "mutate", mutations: [{ mutation: 1, ops: [insert("n", "root")] }] });
  await socket.take("delta", ({ events }) => events.length > 0);
  expect(await stored(id)).toEqual([]);
  await refused(id, ticket);
  socket.close(1000);
});

test("W20 two who use it at the same moment: one comes in", async () => {
  const id = await openDocument("race", "root");
  const { ticket } = await ask(id, tokenFor(id));
  const sockets = await Promise.all([use(id, ticket), use(id, ticket), use(id, ticket)]);
  const refusals = () => sockets.filter(({ heard }) => heard.some(({ type }) => type === "error"));
  await sockets[0]?.until("two refusals", () => refusals().length === 2);
  const winner = sockets.find((socket) => !refusals().includes(socket));
  winner?.send({ type: "join", protocol: PROTOCOL, client: "c1" });
  await winner?.take("welcome");
  expect(refusals()).toHaveLength(2);
  winner?.close(1000);
});

test("W20, W23 the page that uses one has to be of an origin that may come in; it is not used up by another", async () => {
  const id = await openDocument("page", "root");
  const { ticket } = await ask(id, tokenFor(id));
  const from = (origin: string) => deployment.connect(`${topic(id)}?ticket=${ticket}`, { origin });
  await expectRefused(await from("https://evil.example"), "forbidden", 4003, "ALLOWED_ORIGINS");
  const socket = await from("https://grove.example");
  socket.send({ type: "join", protocol: PROTOCOL, client: "c1" });
  await socket.take("welcome");
  socket.close(1000);
});

test("W20 it is of its document, of its minute, and no longer than the token", async () => {
  const [id, other] = [await openDocument("mine", "root"), await openDocument("other", "root")];
  const { ticket } = await ask(id, tokenFor(id));
  await refused(other, ticket);
  await refused(id, "f".repeat(64));
  await refused(id, "");
  await refused(id, `${ticket}0`);
  vi.useFakeTimers({ now: Date.now() + LIMITS.ticketTime, toFake: ["Date"] });
  await refused(id, ticket);
  expect(await stored(id)).toEqual([]);
  vi.useRealTimers();
  const exp = seconds() - 10;
  const short = await ask(id, tokenFor(id, "write", { exp }));
  expect(short.expires).toBe((exp + 30) * 1_000);
});

test("W20 who may not come in gets none", async () => {
  const id = await openDocument("none", "root");
  expect(await ask(id)).toMatchObject({ status: 401, code: "unauthorised" });
  expect(await ask(id, tokenFor("another"))).toMatchObject({ status: 403, code: "forbidden" });
  expect(await ask(id, tokenFor(id, "write", { exp: 1 }))).toMatchObject({ status: 401, code: "unauthorised" });
  for (const body of ['{"document":"a/b"}', "{}", "[]", "null", "no json", '{"document":7}']) {
    expect(await ask(id, tokenFor(id), body), body).toMatchObject({ status: 400, code: "invalid" });
  }
  const long = (bytes: number) => JSON.stringify({ document: id }).padEnd(bytes);
  expect(await ask(id, tokenFor(id), long(1_024))).toMatchObject({ status: 201 });
  expect(await ask(id, tokenFor(id), long(1_025))).toMatchObject({ status: 413, code: "tooLarge" });
});

test("W20 of a document that is not there nobody gets one, and nothing is stored", async () => {
  for (const role of ["read", "write", "admin"]) {
    expect(await ask("nowhere", tokenFor("nowhere", role))).toMatchObject({ status: 404, code: "notFound" });
  }
  const tables = () =>
    runInDurableObject(stubOf("nowhere"), (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master").toArray(),
    );
  expect(await tables()).toEqual([]);
  await refused("nowhere", "a".repeat(64));
  expect(await tables()).toEqual([]);
});

test("W20 B39 where storage has no room for one that is told as `full`, and the document goes on", async () => {
  const id = await openDocument("no-room", "root");
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const repair = await runInDurableObject(stubOf(id), (_, { storage }) => {
    const exec = storage.sql.exec.bind(storage.sql);
    const spy = vi.spyOn(storage.sql, "exec").mockImplementation((statement, ...values) => {
      if (statement.startsWith("INSERT INTO tickets")) throw new Error("database or disk is full: SQLITE_FULL");
      return exec(statement, ...values);
    });
    return () => spy.mockRestore();
  });
  expect(await ask(id, tokenFor(id))).toMatchObject({ status: 507, code: "full" });
  repair();
  log.mockRestore();
  expect(await ask(id, tokenFor(id))).toMatchObject({ status: 201 });
});

test("W20 those without a name do not make room for each other", async () => {
  const id = await openDocument("nameless", "root");
  const tickets: string[] = [];
  for (let n = 0; n <= LIMITS.ticketsPerUser; n++) {
    tickets.push(granted(await stubOf(id).issueTicket({ user: null, role: "read" })).ticket);
  }
  expect(await stubOf(id).redeemTicket(tickets[0] ?? "")).toMatchObject({ ok: true });
});

test("W20 a user has 32 at a time, the oldest makes room; a document 1 000, one more is tooMany", async () => {
  const id = await openDocument("many", "root");
  const tickets: string[] = [];
  for (let n = 0; n <= LIMITS.ticketsPerUser; n++) {
    vi.useFakeTimers({ now: 1_900_000_000_000 + n, toFake: ["Date"] });
    const issued = await stubOf(id).issueTicket({ user: { id: "eve" }, role: "read" });
    tickets.push(granted(issued).ticket);
  }
  expect(await stored(id)).toHaveLength(LIMITS.ticketsPerUser);
  await refused(id, tickets[0] ?? "");
  expect(await stubOf(id).redeemTicket(tickets[1] ?? "")).toMatchObject({ ok: true });
  await runInDurableObject(stubOf(id), (_, { storage }) => {
    for (let n = LIMITS.ticketsPerUser; n < LIMITS.tickets; n++) {
      storage.sql.exec("INSERT INTO tickets VALUES (?, ?, ?, '')", `hash ${n}`, `user ${n}`, Date.now() + 1_000);
    }
  });
  granted(await stubOf(id).issueTicket({ user: { id: "last" }, role: "read" }));
  expect(await stored(id)).toHaveLength(LIMITS.tickets);
  const one = await stubOf(id).issueTicket({ user: { id: "late" }, role: "read" });
  expect(one).toMatchObject({ problem: { code: "tooMany", retryAfter: 1_000 } });
  vi.setSystemTime(Date.now() + LIMITS.ticketTime);
  granted(await stubOf(id).issueTicket({ user: { id: "late" }, role: "read" }));
  expect(await stored(id)).toHaveLength(1);
});

function granted<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: object },
): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}
