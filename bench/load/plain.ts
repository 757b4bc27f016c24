import type { Conversation, Protocol } from "./protocol.ts";

/** bench/servers/plain: a server that commits every message by itself. */
export const protocol: Protocol = createProtocol("documents");

/** The same server where it stores nothing and answers each frame with itself: what the runtime and we ourselves can do. */
export const echo: Protocol = createProtocol("echo");

function createProtocol(root: string): Protocol {
  return {
    path: (document) => `/${root}/${document}`,
    encoder: (client) => {
      let n = 0;
      return (ops) => JSON.stringify({ client, n: n++, ops });
    },
    converse,
  };
}

const NOTHING = { joined: false, acknowledged: 0, delivered: 0, reply: null };
const JOINED = { ...NOTHING, joined: true };
const OWN = { ...NOTHING, acknowledged: 1, delivered: 1 };
const OTHERS = { ...NOTHING, delivered: 1 };

const joined = Buffer.from('{"joined":');

/** Knows a frame by how its text begins. */
function converse(client: string): Conversation {
  const own = Buffer.from(`{"client":${JSON.stringify(client)},"n":`);
  return {
    greeting: [],
    hear(frame) {
      if (startsWith(frame, own)) return OWN;
      return startsWith(frame, joined) ? JOINED : OTHERS;
    },
    // It has no document and keeps nothing for who comes back.
    held: () => ({}),
  };
}

function startsWith(frame: Buffer, start: Buffer): boolean {
  return frame.length >= start.length && frame.compare(start, 0, start.length, 0, start.length) === 0;
}
