import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { withPrincipal } from "../../src/access/principal.ts";
import { createDocumentObject, type DocumentObject, type DocumentObjectSettings } from "../../src/document-object.ts";
import {
  type ClientMessage,
  encode,
  type failure,
  PROTOCOL,
  type Principal,
  type ServerMessage,
  success,
  topic,
} from "../../src/protocol/index.ts";
import { insert, move, update } from "../tree/document.ts";
import { openDocument, stubOf } from "./http-client.ts";

// An application's own class: made here over the storage of an object, as the Worker under test exports none.

interface Visit {
  readonly object: DocumentObject;
  /** Connects; what it sends goes to this very object. */
  connect(principal: Principal): Promise<Line>;
}
interface Line {
  readonly heard: ServerMessage[];
  closed: { readonly code: number; readonly reason: string } | null;
  send(message: ClientMessage | object): void;
}

async function visit(
  id: string,
  settings: DocumentObjectSettings,
  act: (visit: Visit) => Promise<void>,
): Promise<void> {
  await runInDurableObject(stubOf(id), async (_, state) => {
    const object = new (createDocumentObject(settings))(state, env);
    const connect = async (principal: Principal): Promise<Line> => {
      const known = new Set(state.getWebSockets());
      const request = new Request(`http://localhost${topic(id)}`, { headers: { upgrade: "websocket" } });
      const { webSocket: client } = await object.fetch(withPrincipal(request, principal));
      const server = state.getWebSockets().find((socket) => !known.has(socket));
      if (!client || !server) throw new Error("there is no socket");
      client.accept();
      const line: Line = {
        heard: [],
        closed: null,
        send: (message) => object.webSocketMessage(server, encode(message as ClientMessage)),
      };
      client.addEventListener("message", ({ data }) => void line.heard.push(JSON.parse(String(data))));
      client.addEventListener("close", ({ code, reason }) => {
        line.closed = { code, reason };
      });
      return line;
    };
    await act({ object, connect });
  });
}

const ann = (more: Partial<Principal> = {}): Principal => ({ user: { id: "ann" }, role: "write", ...more });
const JOIN = { type: "join", protocol: PROTOCOL, client: "ann-1" } as const;

test("W34 a token is verified aside; what comes meanwhile is done, one auth at a time, and a failure is no verdict", async () => {
  const id = await openDocument("auth", "root");
  let answer: (outcome: ReturnType<typeof success<Principal>> | ReturnType<typeof failure>) => void = () => {};
  const asked: unknown[] = [];
  let breaks = false;
  const authenticate: NonNullable<DocumentObjectSettings["authenticate"]> = (token, documentId) => {
    asked.push([token, documentId]);
    if (breaks) return Promise.reject(new Error("the key is s3cret"));
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  await visit(id, { authenticate }, async ({ connect }) => {
    const line = await connect(ann());
    line.send(JOIN);
    line.send({ type: "auth", token: "one" });
    line.send({ type: "mutate", mutations: [{ mutation: 1, ops: [insert("a", "root")] }] });
    await vi.waitFor(() => expect(line.heard.some(({ type }) => type === "delta")).toBe(true));
    expect(asked).toEqual([["one", id]]);
    answer(success(ann({ role: "read", expires: Date.now() + 60_000 })));
    await vi.waitFor(() => expect(line.heard.at(-1)).toMatchObject({ type: "auth", role: "read" }));
    line.send({ type: "auth", token: "two" });
    line.send({ type: "auth", token: "three" });
    await vi.waitFor(() => expect(line.closed).toMatchObject({ code: 4010 }));
    // Its answer comes to nobody.
    answer(success(ann()));
    const other = await connect(ann());
    other.send({ ...JOIN, client: "ann-2" });
    breaks = true;
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    other.send({ type: "auth", token: "four" });
    await vi.waitFor(() => expect(other.heard.at(-1)).toMatchObject({ type: "auth", role: "write", expires: null }));
    expect(other.closed).toBe(null);
    expect(log.mock.calls).toEqual([["a token could not be verified: Error"]]);
    expect(JSON.stringify(other.heard)).not.toContain("s3cret");
    log.mockRestore();
  });
});

test("W38 W39 authorizeMutation holds for HTTP, RPC and sockets; a throw is logged without where, and refuses", async () => {
  const id = await openDocument("locked", "root\n  a\n  b\n    c");
  const authorizeMutation: NonNullable<DocumentObjectSettings["authorizeMutation"]> = ({ principal, touched }) => {
    if (principal.role === "admin") throw new Error("no admin is known");
    const wrong = touched.find(({ before, after }) => [before?.parent?.id, after?.parent?.id].includes("b"));
    return wrong ? { message: "b is full", op: wrong.op } : true;
  };
  await visit(id, { authorizeMutation }, async ({ object, connect }) => {
    const problem = { code: "forbidden", message: "b is full", op: 1 };
    const ops = [update("a", { n: 1 }), move("c", "root")];
    expect(await object.mutate({ ops }, ann())).toEqual({ ok: false, problem });
    const request = new Request(`http://localhost${topic(id)}/mutations`, {
      method: "POST",
      body: JSON.stringify({ ops }),
    });
    const answer = await object.fetch(withPrincipal(request, ann()));
    expect([answer.status, await answer.json()]).toMatchObject([
      403,
      { code: "forbidden", detail: "b is full", op: 1 },
    ]);
    const line = await connect(ann());
    line.send(JOIN);
    line.send({ type: "mutate", mutations: [{ mutation: 1, ops }] });
    await vi.waitFor(() => expect(line.heard.at(-1)).toEqual({ type: "reject", mutation: 1, ...problem }));
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    expect(await object.mutate({ ops: [update("a", { n: 1 })] })).toMatchObject({
      ok: false,
      problem: { code: "forbidden" },
    });
    expect(log.mock.calls).toEqual([["authorizeMutation has thrown: Error: no admin is known"]]);
    log.mockRestore();
    expect(await object.mutate({ ops: [update("a", { n: 1 })] }, ann())).toMatchObject({ ok: true });
    expect(await object.info()).toMatchObject({ value: { seq: 1 } });
  });
});
