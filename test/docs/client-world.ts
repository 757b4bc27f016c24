import { setImmediate, setTimeout } from "node:timers/promises";
import type { Connection, Method } from "../../src/client/connection/platform.ts";
import { createDocument } from "../../src/client/open.ts";
import { TOKEN_SUBPROTOCOL } from "../../src/protocol/index.ts";
import { createTestServer } from "../../src/testing/index.ts";
import type { NodeData } from "../../src/tree/index.ts";

// The world in which the examples of docs/client.md run: their server, their network, somebody else.

const ADDRESS = "wss://grove.example/documents/shopping";

const SHOPPING: NodeData = {
  id: "root",
  type: "list",
  children: [
    { id: "bread", type: "item", attrs: { text: "bread" } },
    { id: "fruit", type: "item", attrs: { text: "fruit" }, children: [{ id: "apples", type: "item" }] },
  ],
};

const server = createTestServer({ breathe: () => setImmediate() });
server.call("shopping").getOrStart({ tree: SHOPPING });

/** What the example runs on: it is Ann's. */
export const machine = server.machine({ principal: { user: { id: "ann", name: "Ann" }, role: "write" } });

const bobs = server.machine({ principal: { user: { id: "bob", name: "Bob" }, role: "write" } });
createDocument(ADDRESS, {}, bobs).presence.set({ at: "bread" });

/** Whatever a page calls its document, it is this one. */
const shopping = (url: string) => url.replace(/documents\/[^/?]+/, "documents/shopping");

let lastAddress: string | null = null;

/** As much of a WebSocket as `webPlatform` uses. */
export class WebSocket {
  onopen = () => {};
  onmessage = (_event: { data: string }) => {};
  onclose = (_event: { code: number; reason: string }) => {};
  readonly #connection: Connection;

  constructor(url: string, offered: string | readonly string[]) {
    lastAddress = url;
    const protocols = [offered].flat();
    const token = protocols.find((each) => each.startsWith(TOKEN_SUBPROTOCOL))?.slice(TOKEN_SUBPROTOCOL.length);
    const events = {
      opened: () => this.onopen(),
      received: (data: string) => this.onmessage({ data }),
      closed: (code: number, reason: string) => this.onclose({ code, reason }),
    };
    this.#connection = machine.connect(shopping(url), events, token);
  }

  send(text: string) {
    this.#connection.send(text);
  }

  close(code: number, reason: string) {
    this.#connection.close(code, reason);
  }
}

interface Asked {
  readonly method: Method;
  readonly headers?: { readonly authorization?: string };
  readonly body?: string | null;
  readonly signal?: AbortSignal | null;
}

export async function fetch(url: string, { method, headers, body, signal }: Asked): Promise<Response> {
  if (url === "https://grove.example/session") return new Response("ann's token");
  const token = headers?.authorization?.replace("Bearer ", "");
  const options = { token, body: body ?? undefined, signal: signal ?? undefined };
  const { status, text } = await machine.request(method, shopping(url), options);
  return new Response(text, { status });
}

/** Lets time pass as long as the process lives, faster than it does. */
export async function live(): Promise<never> {
  for (;;) {
    await server.advance(20);
    await setTimeout(2);
  }
}

/** What an example leaves behind. */
export interface Outcome {
  /** What it connected to last, and with which token. */
  readonly address: string | null;
  readonly token: string | null;
  /** The document as the server has it. */
  readonly tree: NodeData;
}

export function outcome(): Outcome {
  const state = server.call("shopping").getState();
  if (!state.ok) throw new Error(state.problem.message);
  return { address: lastAddress, token: machine.lastToken, tree: state.value.tree };
}
