import "fake-indexeddb/auto";
import { setTimeout } from "node:timers/promises";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { fetch, live, machine, outcome, WebSocket } from "./client-world.ts";

// node test/docs/client-visit.ts URL HOW: runs an example of docs/client.md and ends, with what it left as the last line.
// Whatever the example throws, also where nobody awaits it, ends the process with an error.
const [, , url = "", how] = process.argv;

// Node as it was before it had one.
Object.assign(globalThis, { fetch, WebSocket: how === "withoutWebSocket" ? undefined : WebSocket });
live();

const { App } = await import(url);
if (App) console.log(renderToString(createElement(App)));
// What the example started and does not wait for.
await setTimeout(100);

if (how === "offlineNext") {
  machine.online = false;
  await import(`${url}?next`);
}
console.log(JSON.stringify(outcome()));
process.exit();
