import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Operation } from "../../src/tree/index.ts";
import { heldOf } from "../large/client.ts";
import type { Held } from "../load/protocol.ts";
import { type Change, openRude, type RudeClient, type RudeOptions } from "./rude-client.ts";

/** What an attack has to work with. */
export interface Rude {
  /** Of the document, for HTTP. */
  readonly url: string;
  /** Milliseconds that it is to be at it. */
  readonly lasts: number;
  /** Whether it has been at it for long enough. */
  readonly over: boolean;
  /** Counts what it was told: codes. */
  told(code: string): void;
  /** Counts what else is worth telling. */
  saw(what: string): void;
  /** Connects to this document, or to another one; joins unless `silent`. */
  open(client: string, options?: RudeOptions, document?: string): RudeClient;
  /** The same, and waits until it has joined or was refused. */
  join(client: string, options?: RudeOptions): Promise<RudeClient>;
  /** What somebody holds who has seen all of it. */
  held(): Promise<Held>;
  /** A mutation each, and waits until all were answered. */
  commit(by: RudeClient, changes: readonly Change[]): Promise<void>;
  /** Asks over HTTP, reads all of the answer, counts its code and gives its status; 0: there was none. */
  ask(method: string, path: string, body?: string): Promise<number>;
  /** Whatever becomes true, or false at the end. */
  until(condition: () => boolean): Promise<boolean>;
  pause(milliseconds: number): Promise<void>;
}

/** Where it counts what it was told, and what it has seen. */
export type Tallies = Pick<Rude, "told" | "saw">;

/** `lasts` milliseconds from now, or for ever. */
export function createRude(socketUrl: string, document: string, lasts: number, { told, saw }: Tallies): Rude {
  const url = `${socketUrl.replace("ws", "http")}/documents/${document}`;
  const end = performance.now() + lasts;
  const isOver = () => performance.now() >= end;
  const until = async (condition: () => boolean) => {
    while (!condition()) {
      if (isOver()) return false;
      await sleep(3);
    }
    return true;
  };
  const open: Rude["open"] = (client, options, where = document) => openRude(socketUrl, where, client, told, options);
  return {
    url,
    lasts,
    get over() {
      return isOver();
    },
    told,
    saw,
    open,
    async join(client, options) {
      const opened = open(client, options);
      await until(() => opened.joined || opened.closed !== null);
      return opened;
    },
    held: async () => ({ ...(await heldOf(url)) }),
    async commit(by, changes) {
      const wanted = by.mutate(changes);
      await until(() => by.answers >= wanted || by.closed !== null);
    },
    ask: (method, path, body) => askFor(new URL(url + path).href, method, body, told),
    until,
    pause: (milliseconds) => sleep(Math.max(0, Math.min(milliseconds, end - performance.now()))),
  };
}

function askFor(url: string, method: string, body: string | undefined, told: (code: string) => void): Promise<number> {
  return new Promise((resolve) => {
    const asking = request(url, { method, agent: false }, async (response) => {
      const status = response.statusCode ?? 0;
      let problem = "";
      try {
        for await (const chunk of response) if (status >= 400) problem += chunk;
      } catch {
        told("broken off");
      }
      const code = /"code":"(\w+)"/.exec(problem)?.[1];
      if (status >= 400) told(code ?? String(status));
      resolve(status);
    });
    asking.on("error", () => {
      told("no answer");
      resolve(0);
    });
    asking.end(body);
  });
}

export function update(id: string, attrs: Record<string, string | number>): Operation {
  return { op: "update", id, attrs };
}
