import type { ClientMessage, Role } from "../../../../src/protocol/index.ts";
import type { Operation } from "../../../../src/tree/index.ts";
import { insert, update } from "../../../tree/document.ts";

// The rows of the matrix: every way to ask anything of a deployment, and what comes of it for each role. A route, method or message
// that is not here fails the test.

interface Row<Way extends string, Outcome> extends Readonly<Record<Role, Outcome>> {
  readonly way: Way;
  /** Sets it apart from another row of the same way. */
  readonly when?: string;
  /** Whether the document is not there before. */
  readonly absent?: true;
  /** Whether the document, or what is kept of it, is another one afterwards, where it is done. */
  readonly changes?: true;
  /** Whether everybody may, with anything or nothing. */
  readonly open?: true;
}

interface HttpRow extends Row<string, string> {
  readonly body?: (id: string) => string;
}

const json = (body: unknown) => () => JSON.stringify(body);
const OPTIONS = { options: { gracePeriod: 5_000 } };
const MUTATION = { ops: [update("root", { x: 1 })] };
/** All that is done to texts. */
const TEXTS: { readonly ops: readonly Operation[] } = {
  ops: [
    { op: "insert", node: { id: "n", type: "item", attrs: { text: "hello" } }, parent: "root" },
    { op: "edit", id: "n", attr: "text", changes: [5, "world"] },
    { op: "split", id: "n", attr: "text", at: 5, node: { id: "m", type: "item" } },
    { op: "join", id: "m", into: "n", attr: "text" },
  ],
};
const LINES = '{"type":"root"}\n';
const NO = "403 forbidden";

export const HTTP: readonly HttpRow[] = [
  { way: "GET /healthz", open: true, read: "200", write: "200", admin: "200" },
  {
    way: "POST /tickets",
    body: (id) => JSON.stringify({ document: id }),
    changes: true,
    ...{ read: "201", write: "201", admin: "201" },
  },
  {
    ...{ way: "POST /tickets", when: "there is no document", absent: true },
    body: (id) => JSON.stringify({ document: id }),
    ...{ read: "404 notFound", write: "404 notFound", admin: "404 notFound" },
  },
  { way: "GET /documents/:id", read: "200", write: "200", admin: "200" },
  { way: "GET /documents/:id/tree", read: "200", write: "200", admin: "200" },
  { way: "GET /documents/:id/history", read: "200", write: "200", admin: "200" },
  { way: "GET /documents/:id/diff", read: "200", write: "200", admin: "200" },
  {
    ...{ way: "GET /documents/:id/blame", when: "it names no node" },
    ...{ read: "400 invalid", write: "400 invalid", admin: "400 invalid" },
  },
  { way: "GET /documents/:id/bin", read: "200", write: "200", admin: "200" },
  {
    ...{ way: "POST /documents/:id/undo", when: "it is another's", body: json({ user: "somebody" }) },
    ...{ read: NO, write: NO, admin: "200" },
  },
  { way: "POST /documents/:id/undo", body: json({ client: "a-client" }), read: NO, write: "200", admin: "200" },
  { way: "GET /documents/:id/versions", read: "200", write: "200", admin: "200" },
  { way: "GET /documents/:id/export", read: "200", write: "200", admin: "200" },
  {
    ...{ way: "POST /documents/:id/fork", when: "that is there", body: (id) => JSON.stringify({ to: id }) },
    ...{ read: NO, write: "409 exists", admin: "409 exists" },
  },
  {
    ...{ way: "POST /documents/:id/fork", when: "with its history" },
    body: (id) => JSON.stringify({ to: id, history: true }),
    ...{ read: NO, write: NO, admin: "409 exists" },
  },
  {
    ...{ way: "POST /documents/:id/fork", when: "the token opens only this one", body: json({ to: "another" }) },
    ...{ read: NO, write: NO, admin: NO },
  },
  { way: "PUT /documents/:id", read: NO, write: "200", admin: "200" },
  {
    way: "PUT /documents/:id",
    when: "there is none",
    absent: true,
    changes: true,
    read: NO,
    write: "201",
    admin: "201",
  },
  {
    ...{ way: "PUT /documents/:id", when: "options are named", absent: true, changes: true, body: json(OPTIONS) },
    ...{ read: NO, write: NO, admin: "201" },
  },
  {
    ...{ way: "PATCH /documents/:id", changes: true, body: json(OPTIONS) },
    ...{ read: NO, write: NO, admin: "200" },
  },
  {
    ...{ way: "POST /documents/:id/mutations", changes: true, body: json(MUTATION) },
    ...{ read: NO, write: "200", admin: "200" },
  },
  {
    ...{ way: "POST /documents/:id/mutations", when: "it is about texts", changes: true, body: json(TEXTS) },
    ...{ read: NO, write: "200", admin: "200" },
  },
  { way: "POST /documents/:id/restore", body: json({ to: 0 }), read: NO, write: "200", admin: "200" },
  {
    ...{ way: "POST /documents/:id/versions", changes: true, body: json({ name: "first" }) },
    ...{ read: NO, write: "201", admin: "201" },
  },
  {
    ...{ way: "PATCH /documents/:id/versions/:version", body: json({ name: "second" }) },
    ...{ read: NO, write: "404 notFound", admin: "404 notFound" },
  },
  { way: "DELETE /documents/:id/versions/:version", read: NO, write: "404 notFound", admin: "404 notFound" },
  { way: "POST /documents/:id/import", body: () => LINES, read: NO, write: "409 exists", admin: "409 exists" },
  {
    ...{ way: "POST /documents/:id/import", when: "there is none", absent: true, changes: true, body: () => LINES },
    ...{ read: NO, write: "201", admin: "201" },
  },
  {
    ...{ way: "POST /documents/:id/revoke", changes: true, body: json({ user: "somebody" }) },
    ...{ read: NO, write: NO, admin: "200" },
  },
  { way: "POST /documents/:id/stop", read: NO, write: NO, admin: "200" },
  { way: "DELETE /documents/:id", changes: true, read: NO, write: NO, admin: "200" },
];

interface RpcRow extends Row<string, string> {
  /** What it takes before the principal. */
  readonly takes?: (id: string) => readonly unknown[];
  /** What comes of it without a principal. Default: another Worker is trusted as an admin. */
  readonly untold?: string;
}

export const RPC: readonly RpcRow[] = [
  { way: "info", read: "ok", write: "ok", admin: "ok" },
  { way: "getState", takes: () => [{}], read: "ok", write: "ok", admin: "ok" },
  { way: "history", takes: () => [{}], read: "ok", write: "ok", admin: "ok" },
  { way: "historySessions", takes: () => [{}], read: "ok", write: "ok", admin: "ok" },
  { way: "diff", takes: () => [{}], read: "ok", write: "ok", admin: "ok" },
  { way: "blame", takes: () => [{ node: "root" }], read: "ok", write: "ok", admin: "ok" },
  { way: "bin", takes: () => [{}], read: "ok", write: "ok", admin: "ok" },
  { way: "undo", takes: () => [{ client: "a-client" }], read: "forbidden", write: "ok", admin: "ok" },
  { way: "versions", takes: () => [{}], read: "ok", write: "ok", admin: "ok" },
  { way: "export", read: "ok", write: "ok", admin: "ok" },
  { way: "fork", takes: (id) => [{ to: id }], untold: "exists", read: "exists", write: "exists", admin: "exists" },
  {
    ...{ way: "fork", when: "with its history", takes: (id) => [{ to: id, history: true }], untold: "exists" },
    ...{ read: "forbidden", write: "forbidden", admin: "exists" },
  },
  { way: "mayFork", absent: true, takes: () => [false], read: "forbidden", write: "ok", admin: "ok" },
  {
    ...{ way: "mayFork", when: "with the history", absent: true, takes: () => [true] },
    ...{ read: "forbidden", write: "forbidden", admin: "ok" },
  },
  {
    ...{ way: "receiveFork", when: "it is none", absent: true, untold: "unavailable" },
    takes: () => [new Blob([LINES]).stream()],
    ...{ read: "forbidden", write: "unavailable", admin: "unavailable" },
  },
  { way: "join", read: "ok", write: "ok", admin: "ok" },
  { way: "issueTicket", untold: "unauthorised", changes: true, read: "ok", write: "ok", admin: "ok" },
  {
    ...{ way: "getOrStart", absent: true, changes: true, takes: () => [{}] },
    ...{ read: "forbidden", write: "ok", admin: "ok" },
  },
  {
    ...{ way: "getOrStart", when: "options are named", absent: true, changes: true, takes: () => [OPTIONS] },
    ...{ read: "forbidden", write: "forbidden", admin: "ok" },
  },
  { way: "mutate", takes: () => [MUTATION], changes: true, read: "forbidden", write: "ok", admin: "ok" },
  {
    ...{ way: "mutate", when: "it is about texts", takes: () => [TEXTS], changes: true },
    ...{ read: "forbidden", write: "ok", admin: "ok" },
  },
  { way: "restore", takes: () => [{ to: 0 }], read: "forbidden", write: "ok", admin: "ok" },
  {
    ...{ way: "nameVersion", takes: () => [{ name: "first" }], changes: true },
    ...{ read: "forbidden", write: "ok", admin: "ok" },
  },
  {
    ...{ way: "renameVersion", takes: () => [{ id: "none", name: "second" }] },
    ...{ read: "forbidden", write: "notFound", admin: "notFound" },
  },
  {
    ...{ way: "deleteVersion", takes: () => [{ id: "none" }] },
    ...{ read: "forbidden", write: "notFound", admin: "notFound" },
  },
  { way: "configure", takes: () => [OPTIONS], changes: true, read: "forbidden", write: "forbidden", admin: "ok" },
  {
    ...{ way: "import", absent: true, changes: true, takes: () => [new Blob([LINES]).stream()] },
    ...{ read: "forbidden", write: "ok", admin: "ok" },
  },
  {
    ...{ way: "revoke", changes: true, takes: () => [{ user: "somebody" }] },
    ...{ read: "forbidden", write: "forbidden", admin: "ok" },
  },
  { way: "stop", read: "forbidden", write: "forbidden", admin: "ok" },
  { way: "destroy", changes: true, read: "forbidden", write: "forbidden", admin: "ok" },
];

/** They have nobody who may or may not: a ticket names who it is (it has a test of its own), the rest only the platform calls. */
export const NO_PRINCIPAL = [
  ...["redeemTicket"],
  ...["constructor", "fetch", "alarm", "webSocketMessage", "webSocketClose", "webSocketError"],
];

type Message = ClientMessage["type"];
interface MessageRow extends Row<Message, string> {
  /** What is sent instead of what is sent for its way. */
  readonly sent?: ClientMessage;
}

/** `forbidden 4003` is an error and a close; who is refused is always both. */
export const MESSAGES: readonly MessageRow[] = [
  { way: "join", read: "welcome read", write: "welcome write", admin: "welcome admin" },
  {
    ...{ way: "join", when: "there is no document", absent: true, changes: true },
    ...{ read: "notFound 4004", write: "welcome write", admin: "welcome admin" },
  },
  { way: "mutate", changes: true, read: "reject forbidden", write: "delta", admin: "delta" },
  {
    ...{
      way: "mutate",
      when: "it is about texts",
      sent: { type: "mutate", mutations: [{ mutation: 1, ...TEXTS }] },
      changes: true,
    },
    ...{ read: "reject forbidden", write: "delta", admin: "delta" },
  },
  { way: "presence", read: "shown", write: "shown", admin: "shown" },
  { way: "sync", read: "taken", write: "taken", admin: "taken" },
  // Here it is the token in the message that counts: what carries it has joined before, as the same user with the role `read`.
  { way: "auth", read: "auth read", write: "auth write", admin: "auth admin" },
  {
    ...{ way: "auth", when: "an authorize has given read", open: true },
    ...{ read: "auth read", write: "auth read", admin: "auth read" },
  },
  { way: "leave", read: "close 1000", write: "close 1000", admin: "close 1000" },
];

/** What is sent for each of them by who has joined. */
export const SENT: Readonly<Record<Exclude<Message, "join" | "auth">, ClientMessage>> = {
  mutate: { type: "mutate", mutations: [{ mutation: 1, ops: [insert("n", "root")] }] },
  presence: { type: "presence", data: "here" },
  sync: { type: "sync", n: 0 },
  leave: { type: "leave" },
};
