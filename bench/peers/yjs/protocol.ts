import { Buffer } from "node:buffer";
import { createEncoder, toUint8Array, writeVarUint, writeVarUint8Array } from "lib0/encoding";
import { type Conversation, FILLER, type Heard, type Held, type Mutation, type Protocol } from "../../load/protocol.ts";
import { clientNumber, Writer } from "./document.ts";
import { fillDesk, Typist } from "./text.ts";
import type { ItemId } from "./update.ts";
import { VarUints } from "./var-uints.ts";

// y-protocols: what kind of message, and what kind of sync message.
const SYNC = 0;
const STEP_1 = 0;
const STEP_2 = 1;
const UPDATE = 2;

const NOTHING: Heard = { joined: false, acknowledged: 0, delivered: 0, reply: null };
const JOINED: Heard = { ...NOTHING, joined: true };
const OWN: Heard = { ...NOTHING, acknowledged: 1, delivered: 1 };
const OTHERS: Heard = { ...NOTHING, delivered: 1 };
// The server asks everyone what it may not have itself; a client with nothing answers as Yjs does, with an empty update.
const ASKED: Heard = { ...NOTHING, reply: message(STEP_2, Uint8Array.of(0, 0)) };

/**
 * y-partyserver. It applies each update in a transaction of its own and sends what that changed to everyone, the author
 * too: that is the only yes there is, and it comes up to 10 s before anything is saved.
 */
export const protocol: Protocol = createProtocol();

function createProtocol(): Protocol {
  const bases = new WeakMap<readonly Mutation[], Writer>();
  // Deletions carry nobody's name: a client knows its own by what is deleted, the oldest first.
  const removals = new Map<string, ItemId[]>();
  const removalsOf = (client: string) => {
    const known = removals.get(client) ?? [];
    removals.set(client, known);
    return known;
  };
  const written = (base: readonly Mutation[]) => {
    const known = bases.get(base);
    if (known !== undefined) return known;
    const filler = new Writer(FILLER, null);
    for (const mutation of base) filler.write(mutation);
    bases.set(base, filler);
    return filler;
  };
  return {
    path: (document) => `/parties/documents/${document}`,
    anyoneSends: true,
    encoder(client, base) {
      const writer = new Writer(client, written(base));
      const own = removalsOf(client);
      return (mutation) => {
        const { update, removed } = writer.write(mutation);
        if (removed !== null) own.push(removed);
        return message(UPDATE, update);
      };
    },
    typists(clients, desk) {
      const { update, texts } = fillDesk(desk);
      const crew = desk.carets.map(({ row, index }, typist) => {
        const [client = "", text] = [clients[typist], texts[row]];
        if (text === undefined) throw new Error(`there is no row ${row}`);
        return { typist: new Typist(client, text, index), removals: removalsOf(client) };
      });
      return {
        fill: desk.rows.length > 0 ? [message(UPDATE, update)] : [],
        press(typist, key) {
          const who = crew[typist];
          if (who === undefined) throw new Error(`nobody is typist ${typist}`);
          const { update: pressed, removed } = who.typist.press(key);
          if (removed !== null) who.removals.push(removed);
          return message(UPDATE, pressed);
        },
        // Others move no caret: it stands between items.
        hear: () => {},
      };
    },
    converse: (client, held) => converse(client, removalsOf(client), held),
  };
}

function converse(client: string, removals: ItemId[], held: Held | undefined): Conversation {
  const own = clientNumber(client);
  const vector = typeof held?.vector === "string" ? Buffer.from(held.vector, "base64") : Buffer.of(0);
  // How many items of each client are here: Yjs's state vector.
  const clocks = new Map<number, number>();
  const reach = (of: number, clock: number) => clocks.set(of, Math.max(clock, clocks.get(of) ?? 0));
  readVector(new VarUints(vector), reach);

  function hearUpdate(update: VarUints): Heard {
    update.next(); // its length
    if (update.next() === 0) {
      const [oldest] = removals;
      if (oldest === undefined || !deletes(update, oldest)) return OTHERS;
      removals.shift();
      return OWN;
    }
    const items = update.next();
    const author = update.next();
    // Every item that we write is one long.
    reach(author, update.next() + items);
    return author === own ? OWN : OTHERS;
  }

  return {
    greeting: [message(STEP_1, vector)],
    hear(frame) {
      if (frame[0] !== SYNC) return NOTHING;
      switch (frame[1]) {
        case UPDATE:
          return hearUpdate(new VarUints(frame, 2));
        case STEP_1: {
          // Comes first, says what the server has, and whatever it gets later comes as an update: so nobody has to read
          // a whole document to know what is in it.
          const asked = new VarUints(frame, 2);
          asked.next(); // its length
          readVector(asked, reach);
          return ASKED;
        }
        case STEP_2:
          return JOINED;
        default:
          return NOTHING;
      }
    },
    held: () => ({ vector: Buffer.from(vectorOf(clocks)).toString("base64") }),
  };
}

/** Whether a set of deletions, as an update ends with it, has this item in it. */
function deletes(set: VarUints, { client, clock }: ItemId): boolean {
  for (let clients = set.next(); clients > 0; clients--) {
    const of = set.next();
    for (let ranges = set.next(); ranges > 0; ranges--) {
      const start = set.next();
      const end = start + set.next();
      if (of === client && start <= clock && clock < end) return true;
    }
  }
  return false;
}

function readVector(vector: VarUints, take: (client: number, clock: number) => void): void {
  for (let clients = vector.next(); clients > 0; clients--) take(vector.next(), vector.next());
}

function vectorOf(clocks: ReadonlyMap<number, number>): Uint8Array {
  const out = createEncoder();
  writeVarUint(out, clocks.size);
  for (const [client, clock] of clocks) {
    writeVarUint(out, client);
    writeVarUint(out, clock);
  }
  return toUint8Array(out);
}

function message(kind: number, content: Uint8Array): Uint8Array {
  const out = createEncoder();
  writeVarUint(out, SYNC);
  writeVarUint(out, kind);
  writeVarUint8Array(out, content);
  return toUint8Array(out);
}
