import type { Transaction } from "../../../src/client/transaction.ts";
import type { NodeData, NodeId } from "../../../src/tree/index.ts";

/** Writes at random, each character once in the world, and knows which of them nobody has taken away. */
export interface Scribe {
  /** One deed in a transaction; says what kind it was. */
  write(name: string, tx: Transaction): string;
  /** What has been lost, or is there twice. */
  losses(texts: Iterable<string>): string[];
  /** Something was refused, or taken back: what is there, and not, tells nothing any more. */
  refused(): void;
}

export const DEEDS = ["insert", "typing", "deleting", "split", "join", "move", "update", "remove"];

const WEIGHTS = { insert: 3, typing: 42, deleting: 17, split: 15, join: 13, move: 4, update: 3, remove: 3 };

export function createScribe(random: () => number, tree: NodeData, only: readonly string[] = DEEDS): Scribe {
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  const typed = new Set<string>();
  const deleted = new Set<string>();
  let written = 0;
  let isRefused = false;
  for (const row of tree.children ?? []) for (const each of String(row.attrs?.text ?? "")) typed.add(each);

  const character = () => {
    written++;
    const one = String.fromCodePoint(random() < 0.15 ? 0x20000 + written : 0x4e00 + written);
    typed.add(one);
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
      const other = rows[upTo(rows.length - 1)] ?? id;
      const mayGoThere = other !== id && !rowsOf(tx, id).includes(other);
      switch (choose()) {
        case "insert":
          tx.insert({ type: "row", attrs: { text: character() } }, { parent: tx.root });
          return "insert";
        case "typing": {
          const on = last.get(name);
          const goesOn =
            on !== undefined && random() < 0.5 && on.at <= textOf(tx, on.id).length && tx.get(on.id) !== undefined;
          const row = goesOn ? on.id : id;
          const at = goesOn ? on.at : between(text);
          const put = Array.from({ length: 1 + upTo(2) }, character).join("");
          tx.edit(row, "text", goesOn && at > 0 ? [at, 0, put] : [at, put]);
          last.set(name, { id: row, at: at + put.length });
          return goesOn ? "typing on" : "typing";
        }
        case "deleting": {
          const at = between(text);
          const gone = Array.from(text.slice(at)).slice(0, 1 + upTo(3));
          for (const each of gone) deleted.add(each);
          tx.edit(id, "text", [at, -gone.join("").length]);
          return "deleting";
        }
        case "split": {
          const head = random() < 0.3;
          tx.split(id, "text", between(text), { type: "row" }, { head });
          return head ? "split of the head" : "split";
        }
        case "join":
          if (!mayGoThere) return "nothing";
          tx.join(id, other, "text");
          return "join";
        case "move":
          if (!mayGoThere) return "nothing";
          tx.move(id, { parent: random() < 0.5 ? other : tx.root });
          return "move";
        case "update": {
          const put = character();
          const at = between(text);
          const rest = Array.from(text.slice(at));
          const gone = rest.slice(0, upTo(2));
          for (const each of gone) deleted.add(each);
          tx.update(id, { attrs: { text: text.slice(0, at) + put + text.slice(at + gone.join("").length) } });
          return "update";
        }
        case "remove":
          tx.remove(id);
          return "remove";
        default:
          return "nothing";
      }
    },
    refused() {
      isRefused = true;
    },
    losses(texts) {
      const counts = new Map<string, number>();
      for (const text of texts) for (const each of text) counts.set(each, (counts.get(each) ?? 0) + 1);
      const problems: string[] = [];
      for (const [each, count] of counts) {
        if (count > 1) problems.push(`${each} is there ${count} times`);
        if (/^[\ud800-\udfff]$/.test(each)) problems.push("half of a surrogate pair is there");
      }
      if (isRefused) return problems;
      for (const each of typed) if (!deleted.has(each) && !counts.has(each)) problems.push(`${each} is lost`);
      for (const each of deleted) if (counts.has(each)) problems.push(`${each} was taken away, and is there`);
      return problems;
    },
  };
}
