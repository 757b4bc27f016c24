import { type Anchors, assertNever, type Json } from "../../../src/tree/index.ts";
import { type Edit, editsOf, type Mutation } from "../../load/protocol.ts";
import { type ItemId, Update } from "./update.ts";

/** The root type: a map of one map a node, with keys `parent`, `order` and `type`, and `@name` for an attribute. */
export const NODES = "nodes";

/** A node's item, and which item holds a key's value now, as far as the writer knows. */
interface Entry {
  readonly item: ItemId;
  readonly keys: ReadonlyMap<string, ItemId>;
}

/** The least and the greatest `order` given out below a parent. Whole numbers do, as nothing goes between two others. */
interface Orders {
  readonly first: number;
  readonly last: number;
}

/** What one client knows of a document: what it wrote, on top of what another had written. */
export class Writer {
  readonly #client: number;
  readonly #entries = new Map<string, Entry>();
  readonly #orders = new Map<string, Orders>();
  readonly #baseEntries: ReadonlyMap<string, Entry>;
  readonly #baseOrders: ReadonlyMap<string, Orders>;
  #clock: number;

  constructor(client: string, base: Writer | null) {
    this.#client = clientNumber(client);
    this.#baseEntries = base === null ? new Map() : base.#entries;
    this.#baseOrders = base === null ? new Map() : base.#orders;
    this.#clock = base !== null && base.#client === this.#client ? base.#clock : 0;
  }

  /** A mutation as one transaction; `removed` is an item that it deletes, if deleting is all it does. */
  write(mutation: Mutation): { readonly update: Uint8Array; readonly removed: ItemId | null } {
    const update = new Update(this.#client, this.#clock);
    let removed: ItemId | null = null;
    for (const operation of editsOf(mutation)) removed = this.#apply(operation, update) ?? removed;
    this.#clock += update.count;
    return { update: update.bytes(), removed: update.count === 0 ? removed : null };
  }

  #apply(operation: Edit, update: Update): ItemId | null {
    switch (operation.op) {
      case "insert": {
        const { id = "", type, attrs = {} } = operation.node;
        const item = update.set(NODES, id, null, { map: true });
        this.#entries.set(id, { item, keys: new Map() });
        const values = { parent: operation.parent, order: this.#order(operation), type, ...prefixed(attrs) };
        return this.#change(id, values, [], update);
      }
      case "move":
        return this.#change(operation.id, { parent: operation.parent, order: this.#order(operation) }, [], update);
      case "update": {
        const { attrs = {}, unset = [], type } = operation;
        const values = type === undefined ? prefixed(attrs) : { type, ...prefixed(attrs) };
        return this.#change(operation.id, values, unset, update);
      }
      case "remove": {
        const { item, keys } = this.#entry(operation.id);
        for (const each of [item, ...keys.values()]) update.delete(each);
        return item;
      }
      default:
        return assertNever(operation);
    }
  }

  #change(id: string, values: Readonly<Record<string, Json>>, unset: readonly string[], update: Update): ItemId | null {
    const entry = this.#entry(id);
    const keys = new Map(entry.keys);
    for (const [key, value] of Object.entries(values)) {
      keys.set(key, update.set(entry.item, key, keys.get(key) ?? null, { value }));
    }
    this.#entries.set(id, { item: entry.item, keys });
    let removed: ItemId | null = null;
    for (const name of unset) {
      const item = keys.get(`@${name}`);
      if (item === undefined) continue;
      update.delete(item);
      removed = item;
    }
    return removed;
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id) ?? this.#baseEntries.get(id);
    if (entry === undefined) throw new Error(`${id} is nowhere in what this client knows`);
    return entry;
  }

  /** First for `after: null`, else last. */
  #order({ parent, after }: Anchors & { readonly parent: string }): number {
    const known = this.#orders.get(parent) ?? this.#baseOrders.get(parent);
    if (known === undefined) {
      this.#orders.set(parent, { first: 0, last: 0 });
      return 0;
    }
    const { first, last } = known;
    this.#orders.set(parent, after === null ? { first: first - 1, last } : { first, last: last + 1 });
    return after === null ? first - 1 : last + 1;
  }
}

function prefixed(attrs: Readonly<Record<string, Json>>): Record<string, Json> {
  return Object.fromEntries(Object.entries(attrs).map(([name, value]) => [`@${name}`, value]));
}

/** Yjs names a client by 32 random bits; these follow from its name (FNV-1a). */
export function clientNumber(client: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < client.length; index++) {
    hash = Math.imul(hash ^ client.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
