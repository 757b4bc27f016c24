import { once } from "node:events";
import { mkdtemp, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import type { Duplex } from "node:stream";
import { build } from "vite";

const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Builds a page of `test/e2e/pages`, as an application would be built, into a folder of its own. */
export async function buildPage(page: string): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), "durable-grove-page-"));
  const root = resolve("test/e2e/pages", page);
  // It may import the package by its name.
  const alias = [{ find: /^durable-grove\/(.*)$/, replacement: `${resolve("src")}/$1/index.ts` }];
  await build({ root, configFile: false, logLevel: "warn", resolve: { alias }, build: { outDir, emptyOutDir: true } });
  return outDir;
}

/** Builds an example of `examples/` as it is, into a folder of its own. */
export async function buildExample(name: string): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), "durable-grove-example-"));
  const root = resolve("examples", name);
  await build({ root, configFile: "examples/vite.config.ts", logLevel: "warn", build: { outDir, emptyOutDir: true } });
  return outDir;
}

/** A file of a built page; `/` is its `index.html`. */
export async function pageFile(
  folder: string,
  path: string,
): Promise<{ readonly type: string; readonly body: Buffer }> {
  const name = path === "/" ? "/index.html" : path;
  return { type: TYPES[extname(name)] ?? "application/octet-stream", body: await readFile(join(folder, name)) };
}

/** Serves a built page, and what is under `/documents/` from the server: one origin, as with a Worker's assets. */
export async function servePage(folder: string, server: string): Promise<PageServer> {
  const { hostname, port } = new URL(server);
  const sockets = new Set<Duplex>();
  const web = createServer((incoming, outgoing) => {
    const { url: path = "/", method, headers } = incoming;
    if (!path.startsWith("/documents/")) {
      pageFile(folder, path.split("?")[0] ?? path).then(
        ({ type, body }) => outgoing.setHeader("content-type", type).end(body),
        () => outgoing.writeHead(404).end(),
      );
      return;
    }
    const passed = request({ hostname, port, path, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    // As a network that is gone: no answer, rather than one that says so.
    passed.on("error", () => outgoing.destroy());
    incoming.pipe(passed);
  });
  web.on("upgrade", (incoming, socket, head) => passOn(incoming, socket, head, connect(Number(port), hostname)));
  web.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  const address = web.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      web.close();
      for (const socket of sockets) socket.destroy();
      await once(web, "close");
    },
  };
}

/** Passes a WebSocket on as it is; when one end is gone, so is the other. */
function passOn({ method, url, rawHeaders }: IncomingMessage, socket: Duplex, head: Buffer, upstream: Socket): void {
  const lines = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []));
  upstream.write(`${method} ${url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  upstream.write(head);
  socket.pipe(upstream).pipe(socket);
  const end = () => {
    socket.destroy();
    upstream.destroy();
  };
  for (const each of [socket, upstream]) each.on("error", end).on("close", end);
}
