import { expect, test } from "vitest";
import { withPrincipal } from "../../../src/access/principal.ts";
import { type Principal, topic } from "../../../src/protocol/index.ts";
import { update } from "../../tree/document.ts";
import { openDocument, stubOf } from "../http-client.ts";
import { contentOf } from "./matrix/state.ts";

// A request is admitted, holds its body back, and its user loses his rights meanwhile.

const USER = "ray";
const ADMIN: Principal = { user: { id: USER }, role: "admin" };

interface Held {
  /** Sends the rest of the body; says what came of it. */
  finish(): Promise<string>;
}

function begin(id: string, method: string, path: string, body: string, principal = ADMIN): Held {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const part = (from: number, to?: number) => writer.write(new TextEncoder().encode(body.slice(from, to)));
  const request = new Request(`http://localhost${topic(id)}${path}`, { method, body: readable });
  const answer = stubOf(id).fetch(withPrincipal(request, principal));
  const begun = part(0, 2);
  return {
    async finish() {
      await begun;
      await part(2);
      await writer.close();
      const response = await answer;
      const text = await response.text();
      return response.ok ? `${response.status}` : `${response.status} ${JSON.parse(text).code}`;
    },
  };
}

/** Until the object has taken the request up. */
const soon = () => new Promise((resolve) => setTimeout(resolve, 50));
const json = (value: unknown) => JSON.stringify(value);

test.each([
  ["PATCH", "", json({ options: { gracePeriod: 5_000 } })],
  ["POST", "/mutations", json({ ops: [update("root", { x: 1 })] })],
  ["POST", "/revoke", json({ user: "bob" })],
])("W41 %s %s whose body comes when its user is revoked does nothing", async (method, path, body) => {
  const id = await openDocument("held", "root");
  const bob: Principal = { user: { id: "bob" }, role: "read" };
  const before = await contentOf(id);
  const held = begin(id, method, path, body);
  await soon();
  expect(await stubOf(id).revoke({ user: USER })).toMatchObject({ ok: true });
  expect(await held.finish()).toBe("403 forbidden");
  expect(await contentOf(id)).toEqual(before);
  expect(await stubOf(id).info(bob)).toMatchObject({ ok: true });
});

test("W41 a PUT whose body comes when its user was revoked in what others have made meanwhile tells nothing of it", async () => {
  const held = begin("held-put", "PUT", "", json({ tree: { type: "root" } }));
  await soon();
  await stubOf("held-put").getOrStart();
  await stubOf("held-put").revoke({ user: USER });
  expect(await held.finish()).toBe("403 forbidden");
});

test.each([
  ["PUT", "", json({ tree: { type: "root" } })],
  ["POST", "/import", '{"type":"root"}\n'],
])("W41 %s %s whose end comes when its principal is over makes no document", async (method, path, body) => {
  const id = `held-over${path.replace("/", "-")}`;
  const held = begin(id, method, path, body, { ...ADMIN, expires: Date.now() + 200 });
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(await held.finish()).toBe("401 unauthorised");
  expect(await stubOf(id).info()).toMatchObject({ ok: false, problem: { code: "notFound" } });
});

test("W41 by RPC an import is asked about at its end as well", async () => {
  const lines = new TransformStream<Uint8Array, Uint8Array>();
  const writer = lines.writable.getWriter();
  const made = stubOf("held-rpc").import(lines.readable, { ...ADMIN, expires: Date.now() + 200 });
  const written = writer.write(new TextEncoder().encode('{"type":"root"}\n'));
  await new Promise((resolve) => setTimeout(resolve, 250));
  await written;
  await writer.close();
  expect(await made).toMatchObject({ ok: false, problem: { code: "unauthorised" } });
});
