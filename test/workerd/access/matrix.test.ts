import { runInDurableObject } from "cloudflare:test";
import { PatternRouter } from "hono/router/pattern-router";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { DocumentObject } from "../../../src/document-object.ts";
import { createDocumentCalls } from "../../../src/object/calls.ts";
import { createRoutes } from "../../../src/object/http.ts";
import { decodeClientMessage, ERRORS, topic } from "../../../src/protocol/index.ts";
import { RIGHTS, reaches } from "../../../src/protocol/rights.ts";
import { createWorker } from "../../../src/worker/create-worker.ts";
import { openDocument, stubOf } from "../http-client.ts";
import { askByMessage, askByTicket, askHttp, askRpc, deployment, redeem } from "./matrix/asking.ts";
import { CREDENTIALS, type CredentialName, credentials, KEY_SET, USER } from "./matrix/credentials.ts";
import { contentOf, storedOf } from "./matrix/state.ts";
import { HTTP, MESSAGES, NO_PRINCIPAL, RPC } from "./matrix/table.ts";

// Everything that can be asked of a deployment, by everybody who may come.

beforeAll(() => void vi.stubGlobal("fetch", async () => Response.json(KEY_SET)));
afterAll(() => void vi.unstubAllGlobals());

interface Expected {
  readonly outcome: string;
  /** Whether the document may be another one afterwards, and whether it has to be. */
  readonly done: boolean;
  readonly changes: boolean;
}
type Row = (typeof HTTP | typeof RPC | typeof MESSAGES)[number];

let documents = 0;

/** Asks with every credential, each in a document of its own; what is refused has changed nothing at all. */
async function check<R extends Row>(
  row: R,
  ask: (row: R, id: string, name: CredentialName) => Promise<string>,
  expectedOf: (row: R, name: CredentialName) => Expected,
): Promise<void> {
  const outcomes: Record<string, string> = {};
  const wanted: Record<string, string> = {};
  for (const [name] of credentials) {
    const id = row.absent ? `none-${++documents}` : await openDocument("matrix", "root\n  a");
    if (name === "revoked") await revoke(id);
    const before = await stateOf(id);
    const expected = expectedOf(row, name);
    outcomes[name] = await ask(row, id, name);
    wanted[name] = expected.outcome;
    const after = await stateOf(id);
    const where = `${row.way} with ${name}: ${outcomes[name]}`;
    if (!expected.done) expect(after, where).toEqual(before);
    else if (expected.changes) expect(after, where).not.toEqual(before);
    else expect(after.content, where).toEqual(before.content);
  }
  expect(outcomes).toEqual(wanted);
}

const stateOf = async (id: string) => ({ content: await contentOf(id), stored: await storedOf(id) });
const revoke = (id: string) => stubOf(id).revoke({ user: USER });

/** What a row says for a credential; `refusal` is how a way says a code. */
function expectedBy(refusal: (code: keyof typeof ERRORS) => string, untold?: string) {
  return (row: Row, name: CredentialName): Expected => {
    const credential = CREDENTIALS[name];
    const changes = row.changes === true;
    if (row.open) return { outcome: row.admin, done: false, changes };
    if (name === "nothing" && untold !== undefined) return { outcome: untold, done: untold === "ok", changes };
    // Where there is no document nobody was revoked in it: his token says admin.
    if (name === "revoked" && row.absent) return { outcome: row.admin, done: true, changes };
    const code = "code" in credential ? credential.code : null;
    if (code !== null) return { outcome: refusal(code), done: false, changes };
    const outcome = "role" in credential ? row[credential.role] : "";
    const done = !/forbidden|exists|notFound/.test(outcome);
    return { outcome, done, changes };
  };
}
const title = ({ way, when }: Row) => (when === undefined ? way : `${way}, ${when}`);
const titled = <R extends Row>(rows: readonly R[]) => rows.map((row) => [title(row), row] as const);

describe("W70 every route, with every credential", () => {
  test.each(titled(HTTP))("%s", async (_, row) => {
    await check(
      row,
      askHttp,
      expectedBy((code) => `${ERRORS[code].status} ${code}`),
    );
  });
});

describe("W70 every method of the object, with every credential", () => {
  test.each(titled(RPC))("%s", async (_, row) => {
    await check(
      row,
      askRpc,
      expectedBy((code) => code, row.untold ?? row.admin),
    );
  });
});

describe("W70 every message, with every credential", () => {
  test.each(titled(MESSAGES))("%s", async (_, row) => {
    await check(
      row,
      askByMessage,
      expectedBy((code) => `${code} ${ERRORS[code].close}`),
    );
  });
});

test("W70 a ticket opens what its credential opens, and what was revoked meanwhile it does not", async () => {
  for (const [name, credential] of credentials) {
    const id = await openDocument("ticket", "root");
    if (name === "revoked") await revoke(id);
    const expected = credential.role ? `welcome ${credential.role}` : "unauthorised 4001";
    expect([name, await askByTicket(id, name)]).toEqual([name, expected]);
  }
  const id = await openDocument("late", "root");
  const issued = await deployment.fetch("/tickets", {
    method: "POST",
    headers: { authorization: `Bearer ${CREDENTIALS.write.token(id)}` },
    body: JSON.stringify({ document: id }),
  });
  const { ticket } = await issued.json<{ ticket: string }>();
  await revoke(id);
  expect(await redeem(id, ticket)).toBe("forbidden 4003");
});

test("W71 who may not read a document hears of one that is there what he hears of one that is not", async () => {
  for (const [name, { code, token }] of credentials) {
    if (code === undefined || name === "revoked") continue;
    const there = await openDocument("there", "root");
    for (const { way, body } of HTTP) {
      if (!way.includes(":id")) continue;
      const [method = "", path = ""] = way.split(" ");
      const told = [];
      for (const id of [there, `${there}-not`]) {
        const carried = token(id);
        const response = await deployment.fetch(path.replace("/documents/:id", topic(id)), {
          method,
          headers: carried === null ? {} : { authorization: `Bearer ${carried}` },
          ...(body && { body: body(id) }),
        });
        const headers = [...response.headers].filter(([header]) => header !== "date");
        told.push([response.status, headers, (await response.text()).replaceAll(id, "ID")]);
      }
      expect(told[1], `${way} with ${name}`).toEqual(told[0]);
    }
    const tables = await runInDurableObject(stubOf(`${there}-not`), (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master").toArray(),
    );
    expect(tables).toEqual([]);
  }
});

describe("W72 nothing is without a row", () => {
  test("no route of the object or of the Worker", () => {
    const nobody = createDocumentCalls({
      run: () => {
        throw new Error("nobody asks");
      },
      deleteAll: async () => {},
    });
    const ofObject = createRoutes(nobody, () => 0).routes.map(({ method, path }) => `${method} ${path}`);
    const added = vi.spyOn(PatternRouter.prototype, "add");
    createWorker();
    const ofWorker = added.mock.calls.map(([method, path]) => `${method} ${path}`);
    added.mockRestore();
    // What goes before others, and hands over to the object.
    const middle = ["ALL /*", "ALL /documents/*", "ALL /tickets", "ALL /documents/:id", "ALL /documents/:id/*"];
    for (const each of middle.slice(1)) expect(ofWorker).toContain(each);
    const real = new Set([...ofObject, ...ofWorker].filter((route) => !middle.includes(route)));
    expect([...real].sort()).toEqual([...new Set(HTTP.map(({ way }) => way))].sort());
  });

  test("no method of the object", () => {
    const methods = Object.getOwnPropertyNames(DocumentObject.prototype);
    expect(methods.sort()).toEqual([...new Set([...RPC.map(({ way }) => way), ...NO_PRINCIPAL])].sort());
  });

  test("no message, as the decoder says itself", () => {
    const refused = decodeClientMessage('{"type":"no such"}');
    const named = refused.ok ? [] : [...refused.problem.message.matchAll(/"(\w+)"/g)].map(([, type]) => type);
    expect(named.sort()).toEqual([...new Set(MESSAGES.map(({ way }) => way))].sort());
  });

  test("no right, and each is the least role that its rows let in", () => {
    const tables = { route: HTTP, call: RPC, message: MESSAGES };
    const plain = (rows: readonly Row[], way: string) => rows.filter((row) => row.way === way && !row.when);
    for (const [deed, right] of Object.entries(RIGHTS)) {
      for (const [kind, rows] of Object.entries(tables)) {
        const way: unknown = Reflect.get(right, kind);
        if (typeof way !== "string") continue;
        const [row] = plain(rows, way);
        const lets = (["read", "write", "admin"] as const).filter((role) => !row?.[role].includes("forbidden"));
        const should = (["read", "write", "admin"] as const).filter((role) => reaches(role, right.role));
        expect([deed, kind, lets]).toEqual([deed, kind, should]);
      }
    }
  });
});
