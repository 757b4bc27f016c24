import {
  createEncoder,
  type Encoder,
  toUint8Array,
  writeAny,
  writeUint8,
  writeVarString,
  writeVarUint,
} from "lib0/encoding";
import type { Json } from "../../../src/tree/index.ts";

/** Yjs's name for one item: who made it, and as its how manieth. */
export interface ItemId {
  readonly client: number;
  readonly clock: number;
}

/** What an item holds: a nested map, or a value. */
export type Content = { readonly map: true } | { readonly value: Json };

/** Where an item hangs: in a root type by name, or in the map that another item holds. */
export type Container = string | ItemId;

const MAP = { ref: 7, typeRef: 1 };
const ANY = 8;
const STRING = 4;
const HAS_ORIGIN = 0x80;
const HAS_RIGHT_ORIGIN = 0x40;
const HAS_KEY = 0x20;

/**
 * One transaction of a client on nested maps as an update of Yjs, version 1: byte by byte what a Y.Doc emits for it. A
 * Y.Doc for each of many writers would hold as many copies of the document; this needs only the ids of what it replaces.
 */
export class Update {
  readonly #client: number;
  readonly #clock: number;
  readonly #structs: Encoder = createEncoder();
  readonly #deleted = new Map<number, number[]>();
  #count = 0;

  constructor(client: number, clock: number) {
    this.#client = client;
    this.#clock = clock;
  }

  /** Sets a key. `origin` is the item that stood there, or null. */
  set(container: Container, key: string, origin: ItemId | null, content: Content): ItemId {
    const out = this.#structs;
    const ref = "map" in content ? MAP.ref : ANY;
    writeUint8(out, ref | HAS_KEY | (origin === null ? 0 : HAS_ORIGIN));
    if (origin !== null) {
      writeId(out, origin);
    } else {
      if (typeof container === "string") {
        writeVarUint(out, 1);
        writeVarString(out, container);
      } else {
        writeVarUint(out, 0);
        writeId(out, container);
      }
      writeVarString(out, key);
    }
    writeVarUint(out, 1); // both: what kind of type, and how many values
    if ("value" in content) writeAny(out, mutable(content.value));
    if (origin !== null) this.delete(origin);
    return { client: this.#client, clock: this.#clock + this.#count++ };
  }

  /** Inserts a character behind an item of a text, in front of the one that comes next there. */
  insert(left: ItemId, right: ItemId, character: string): ItemId {
    const out = this.#structs;
    writeUint8(out, STRING | HAS_ORIGIN | HAS_RIGHT_ORIGIN);
    writeId(out, left);
    writeId(out, right);
    writeVarString(out, character);
    return { client: this.#client, clock: this.#clock + this.#count++ };
  }

  delete({ client, clock }: ItemId): void {
    const clocks = this.#deleted.get(client);
    if (clocks === undefined) this.#deleted.set(client, [clock]);
    else clocks.push(clock);
  }

  /** How many items it made. */
  get count(): number {
    return this.#count;
  }

  bytes(): Uint8Array {
    const out = createEncoder();
    writeVarUint(out, this.#count === 0 ? 0 : 1);
    if (this.#count > 0) {
      writeVarUint(out, this.#count);
      writeVarUint(out, this.#client);
      writeVarUint(out, this.#clock);
    }
    const head = toUint8Array(out);
    const structs = toUint8Array(this.#structs);
    const tail = this.#deleteSet();
    const bytes = new Uint8Array(head.length + structs.length + tail.length);
    bytes.set(head);
    bytes.set(structs, head.length);
    bytes.set(tail, head.length + structs.length);
    return bytes;
  }

  #deleteSet(): Uint8Array {
    const out = createEncoder();
    writeVarUint(out, this.#deleted.size);
    for (const [client, clocks] of [...this.#deleted].sort(([a], [b]) => b - a)) {
      const ranges = ranged(clocks);
      writeVarUint(out, client);
      writeVarUint(out, ranges.length);
      for (const { start, length } of ranges) {
        writeVarUint(out, start);
        writeVarUint(out, length);
      }
    }
    return toUint8Array(out);
  }
}

/** lib0's types want what may be written to. */
function mutable(value: Json): Parameters<typeof writeAny>[1] {
  return typeof value === "object" && value !== null ? JSON.parse(JSON.stringify(value)) : value;
}

function writeId(out: Encoder, { client, clock }: ItemId): void {
  writeVarUint(out, client);
  writeVarUint(out, clock);
}

/** Numbers as runs of successive ones. */
function ranged(clocks: readonly number[]): { start: number; length: number }[] {
  const ranges: { start: number; length: number }[] = [];
  for (const clock of clocks.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last.start + last.length >= clock) {
      last.length = Math.max(last.length, clock + 1 - last.start);
    } else {
      ranges.push({ start: clock, length: 1 });
    }
  }
  return ranges;
}
