import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { topic } from "../../../src/protocol/index.ts";
import { createWorker, type WorkerOptions } from "../../../src/worker/create-worker.ts";
import { listen, type TestSocket } from "../socket-client.ts";

/** The Worker with other settings, over the same documents. */
export interface Deployment {
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Asks for a document's tree; a body is always read. */
  read(document: string, token?: string): Promise<Answer>;
  connect(path: string, headers?: Readonly<Record<string, string>>): Promise<TestSocket>;
  /** Connects as a browser's page does that has a token. */
  connectWith(document: string, token: string): Promise<TestSocket>;
}

export interface Answer {
  readonly status: number;
  readonly body: { readonly code?: string; readonly detail?: string };
}

export interface Env {
  readonly DOCUMENTS: typeof env.DOCUMENTS;
}

export function deploy(settings: Readonly<Record<string, string>>, options?: WorkerOptions<Env>): Deployment {
  const worker = createWorker<Env>(options);
  const bound = { DOCUMENTS: env.DOCUMENTS, ...settings };
  const fetch = (path: string, init?: RequestInit) =>
    worker.fetch(new Request(`https://grove.example${path}`, init), bound);
  const connect = async (path: string, headers = {}) => {
    const response = await fetch(path, { headers: { ...headers, upgrade: "websocket" } });
    expect(response.status).toBe(101);
    return listen(response);
  };
  return {
    fetch,
    async read(document, token) {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const response = await fetch(`${topic(document)}/tree`, { headers });
      return { status: response.status, body: await response.json() };
    },
    connect,
    connectWith: (document, token) =>
      connect(topic(document), { "sec-websocket-protocol": `durable-grove.v1, token.${token}` }),
  };
}

/** That a connection is told this, and closed with its number. */
export async function expectRefused(socket: TestSocket, code: string, close: number, message: string): Promise<void> {
  const began = Date.now();
  expect(await socket.take("error")).toEqual({ type: "error", code, message: expect.stringContaining(message) });
  expect(await socket.ended()).toMatchObject({ code: close });
  expect(Date.now() - began).toBeLessThan(1_000);
}
