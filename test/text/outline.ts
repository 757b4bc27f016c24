import { applyChanges, type Changes, normalize, type Step } from "../../src/text/index.ts";
import type { Patch } from "../support/text-traces.ts";

const attr = "text";

/** Rows in their order, as steps change them. */
export interface Outline {
  apply(step: Step): void;
  /** What a patch of all of it as one text is in rows: a newline splits a row, one taken away joins two. It is applied. */
  patch(patch: Patch, newId: () => string): Step[];
  text(): string;
}

interface Row {
  readonly id: string;
  text: string;
}

export function createOutline(): Outline {
  const rows: Row[] = [{ id: "first", text: "" }];
  const indexOf = (id: string) => rows.findIndex((row) => row.id === id);
  const rowOf = (id: string): Row => {
    const row = rows[indexOf(id)];
    if (row === undefined) throw new Error(`there is no row ${id}`);
    return row;
  };
  const apply = (step: Step) => {
    const row = rowOf(step.id);
    if (step.op === "edit") row.text = applyChanges(row.text, step.changes);
    else if (step.op === "join") {
      const into = rowOf(step.into);
      if (into.text.length !== step.at || row.text.length !== step.length) throw new Error("a join that does not fit");
      into.text += row.text;
      rows.splice(indexOf(step.id), 1);
    } else if (step.op === "split") {
      if (row.text.length !== step.length) throw new Error("a split that does not fit");
      rows.splice(indexOf(step.id) + 1, 0, { id: step.node, text: row.text.slice(step.at) });
      row.text = row.text.slice(0, step.at);
    }
  };
  return {
    apply,
    patch: ([start, taken, put], newId) => {
      const steps: Step[] = [];
      const take = (step: Step) => {
        steps.push(step);
        apply(step);
      };
      let index = 0;
      let at = start;
      for (; at > (rows[index]?.text.length ?? 0); index++) at -= (rows[index]?.text.length ?? 0) + 1;
      const here = (): Row => rowOf(rows[index]?.id ?? "");
      const edit = (...changes: Changes) =>
        take({ op: "edit", id: here().id, attr, changes: normalize(changes.slice(at === 0 ? 1 : 0)) });
      for (let left = taken; left > 0; ) {
        const { id, text } = here();
        const some = Math.min(left, text.length - at);
        if (some > 0) edit(at, -some);
        left -= some;
        const next = rows[index + 1];
        if (left === 0 || next === undefined) break;
        take({ op: "join", id: next.id, into: id, attr, at, length: next.text.length });
        left -= 1;
      }
      put.split("\n").forEach((line, number) => {
        if (number > 0) {
          const { id, text } = here();
          take({ op: "split", id, attr, at, length: text.length, node: newId() });
          index += 1;
          at = 0;
        }
        if (line !== "") edit(at, line);
        at += line.length;
      });
      return steps;
    },
    text: () => rows.map((row) => row.text).join("\n"),
  };
}
