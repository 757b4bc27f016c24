import { expect, it } from "vitest";
import { blamePage, createSqliteTables, entriesOf, finish, openDocument } from "../../src/storage.ts";
import { missingTraces, readTextTrace, type TraceName } from "../support/text-traces.ts";
import { accountOf, textOf } from "./blame-account.ts";
import { openRoom, writerOf } from "./room.ts";

/** Whole traces come out the same (2026-11-28: 23 136 keystrokes in 10 pages of 45 ms each); these are their beginnings. */
const TRANSACTIONS = 1_500;

it.skipIf(missingTraces() !== null).each<TraceName>(["clownschool", "sveltecomponent"])(
  "V41 who has typed what in a real text, several at the same time: %s",
  (name) => {
    const room = openRoom({ id: "root", type: "list", children: [{ id: "a", type: "row", attrs: { text: "" } }] });
    const counters: number[] = [];
    const seqs: number[] = [];
    for (const { author, seen, patches } of readTextTrace(name).transactions.slice(0, TRANSACTIONS)) {
      const mutation = (counters[author] ?? 0) + 1;
      counters[author] = mutation;
      const ops = patches.map(([at, deleted, inserted]) => {
        const changes = [...(at > 0 ? [at] : []), ...(deleted > 0 ? [-deleted] : []), ...(inserted ? [inserted] : [])];
        return { op: "edit", id: "a", attr: "text", changes } as const;
      });
      const body = { client: `client-${author}`, mutation, base: seqs[seen] ?? 0, ops };
      const answer = room.server.ask((calls, now) => calls.mutate(body, writerOf(`user-${author}`), now));
      if (!answer?.ok) throw new Error(JSON.stringify({ body, answer }));
      seqs.push(answer.value.seq);
    }
    room.settle();
    const document = openDocument(createSqliteTables(room.server.sql), () => "x");
    if (!document) throw new Error("there is no document");
    const entries = [...document.log.after(0)].flatMap(entriesOf);
    const units = accountOf(entries, new Map([["a", ""]]))("a");
    expect(textOf(units)).toBe(document.nodes.get("a")?.attrs.text);
    const page = finish(blamePage(document, { node: "a" }, Number.POSITIVE_INFINITY));
    const told = (page?.texts.text ?? []).flatMap((run) =>
      Array.from({ length: run.to - run.from }, () => ("userId" in run ? run.userId : null)),
    );
    const authors = new Map(entries.map(({ seq, userId }) => [seq, userId]));
    expect(told).toEqual(units.map(({ seq }) => authors.get(seq)));
    expect(new Set(told).size).toBe(name === "clownschool" ? counters.filter(Boolean).length : 1);
  },
);
