import type { Transaction } from "../../../src/client/transaction.ts";
import type { Json, NodeId } from "../../../src/tree/index.ts";
import type { Fates } from "./fates.ts";

/** Writes at random, each character once in the world, and says so to the twin that follows them. */
export interface Scribe {
  /** One deed in a transaction; says what kind it was. */
  write(name: string, tx: Transaction): string;
  /** Moves a row somewhere that somebody has removed or joined. */
  restore(tx: Transaction): string;
}

export const DEEDS = ["insert", "typing", "deleting", "split", "join", "move", "update", "remove", "mark"];

const WEIGHTS = { insert: 3, typing: 42, deleting: 17, split: 15, join: 13, move: 4, update: 3, remove: 3, mark: 6 };

interface Habits {
  readonly only?: readonly string[];
  /** Is told what somebody marks. */
  readonly marked?: (characters: readonly string[], key: string, value: Json) => void;
}

export function createScribe(
  random: () => number,
  fates: Fates,
  { only = DEEDS, marked = () => {} }: Habits = {},
): Scribe {
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  const gone = new Set<NodeId>();
  let written = 0;

  const character = (name: string) => {
    written++;
    const one = String.fromCodePoint(random() < 0.15 ? 0x20000 + written : 0x4e00 + written);
    fates.typed(name, one);
    return one;
  };
  const kinds = Object.entries(WEIGHTS).flatMap(([kind, weight]) =>
    only.includes(kind) ? Array.from({ length: weight }, () => kind) : [],
  );
  const choose = () => kinds[upTo(kinds.length - 1)];
  const textOf = (tx: Transaction, id: NodeId) => String(tx.get(id)?.attrs.text ?? "");
  const rowsOf = (tx: Transaction, above = tx.root): NodeId[] =>
    tx.children(above).flatMap((id) => [id, ...rowsOf(tx, id)]);
  /** Between two characters. */
  const between = (text: string) =>
    Array.from(text)
      .slice(0, upTo(Array.from(text).length))
      .join("").length;
  const last = new Map<string, { readonly id: NodeId; readonly at: number }>();

  return {
    write(name, tx) {
      const rows = rowsOf(tx);
      const id = rows[upTo(rows.length - 1)];
      if (id === undefined) return "nothing";
      const text = textOf(tx, id);
      const elsewhere = () => {
        const below = rowsOf(tx, id);
        const others = rows.filter((each) => each !== id && !below.includes(each));
        return others[upTo(others.length - 1)];
      };
      switch (choose()) {
        case "insert":
          tx.insert({ type: "row", attrs: { text: character(name) } }, { parent: tx.root });
          return "insert";
        case "typing": {
          const on = last.get(name);
          const goesOn =
            on !== undefined && random() < 0.5 && on.at <= textOf(tx, on.id).length && tx.get(on.id) !== undefined;
          const row = goesOn ? on.id : id;
          const at = goesOn ? on.at : between(text);
          const put = Array.from({ length: 1 + upTo(2) }, () => character(name)).join("");
          tx.edit(row, "text", goesOn && at > 0 ? [at, 0, put] : [at, put]);
          last.set(name, { id: row, at: at + put.length });
          return goesOn ? "typing on" : "typing";
        }
        case "deleting": {
          const at = between(text);
          const taken = Array.from(text.slice(at)).slice(0, 1 + upTo(3));
          for (const each of taken) fates.took(name, each);
          tx.edit(id, "text", [at, -taken.join("").length]);
          return "deleting";
        }
        case "split": {
          const head = random() < 0.3;
          tx.split(id, "text", between(text), { type: "row" }, { head });
          return head ? "split of the head" : "split";
        }
        case "join": {
          const other = elsewhere();
          if (other === undefined) return "nothing";
          tx.join(id, other, "text");
          gone.add(id);
          return "join";
        }
        case "move":
          tx.move(id, { parent: random() < 0.5 ? (elsewhere() ?? tx.root) : tx.root });
          return "move";
        case "update": {
          const put = character(name);
          const at = between(text);
          const rest = Array.from(text.slice(at));
          const taken = rest.slice(0, upTo(2));
          for (const each of taken) fates.took(name, each, "update");
          tx.update(id, { attrs: { text: text.slice(0, at) + put + text.slice(at + taken.join("").length) } });
          return "update";
        }
        case "remove":
          tx.remove(id);
          gone.add(id);
          return "remove";
        case "mark": {
          const [one, another] = [between(text), between(text)];
          if (one === another) return "nothing";
          const [from, to] = [Math.min(one, another), Math.max(one, another)];
          const value = random() < 0.3 ? null : random() < 0.5 || name;
          const key = random() < 0.7 ? "bold" : "link";
          tx.mark(id, "text", from, to, key, value);
          marked(Array.from(text.slice(from, to)), key, value);
          return value === null ? "unmark" : "mark";
        }
        default:
          return "nothing";
      }
    },
    restore(tx) {
      const ids = [...gone].filter((id) => tx.get(id) === undefined);
      const id = ids[upTo(ids.length - 1)];
      const rows = rowsOf(tx);
      if (id === undefined) return "nothing";
      tx.move(id, { parent: random() < 0.5 ? (rows[upTo(rows.length - 1)] ?? tx.root) : tx.root });
      return "restore";
    },
  };
}
