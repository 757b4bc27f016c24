import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, test, vi } from "vitest";
import { topic } from "../../src/protocol/index.ts";
import { insert, move, remove, update } from "../tree/document.ts";
import { call, openDocument, problem, stubOf, treeOf } from "./http-client.ts";
import { join } from "./socket-client.ts";
import { beginExport, body, exportOf, importInto, readRest, wide } from "./transfer-client.ts";

// What failed is told in the Worker's log, on purpose; here it is noise.
vi.spyOn(console, "error").mockImplementation(() => {});

const TEXT = "x".repeat(2_000);

/** Imports 3 000 nodes of 2 000 characters: a hundred parts of an export, and more than one socket buffers. */
async function openLarge(id: string): Promise<string> {
  const text = wide(3_000, { text: TEXT });
  expect((await importInto(id, text)).status).toBe(201);
  return text;
}

function ids(text: string): string[] {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line): string => JSON.parse(line).id);
}

describe("D11 D10 an export equals the import, to the byte", () => {
  const odd = {
    "": "",
    ключ: "木🌳",
    quote: '"\\',
    line: "a\nb\u2028",
    deep: [1, -0.5, { x: null, y: true }],
    __: 1e300,
  };
  test.each<[string, string]>([
    ["of a root", body({ id: "root", type: "page" })],
    [
      "with all kinds of attributes",
      body({ id: "r", type: "木", attrs: odd }, { id: "a", parent: "r", type: "x y", attrs: odd }),
    ],
    ["of a wide tree", wide(20_000)],
    [
      "of 1 000 levels",
      body(
        { id: "n0", type: "item" },
        ...Array.from({ length: 1_000 }, (_, index) => ({ id: `n${index + 1}`, parent: `n${index}`, type: "item" })),
      ),
    ],
  ])("%s", { timeout: 30_000 }, async (name, text) => {
    const id = `same-${name.replace(/\W/g, "-")}`;
    const { status, text: answer } = await importInto(id, text);
    expect(status, answer).toBe(201);
    expect((await exportOf(id)) === text).toBe(true);
    await evictDurableObject(stubOf(id));
    expect((await exportOf(id)) === text, "and from its rows").toBe(true);
  });

  test("parents come before their children, in document order, without what was removed", async () => {
    const id = await openDocument("order", "root\n  a\n    b\n    c\n  d");
    const ann = await join(id, "ann");
    await ann.write([insert("e", "a", { after: "b" }), remove("c"), move("d", "root", { after: null })]);
    await ann.write(update("b", { x: 1 }));
    const node = (name: string, parent: string, attrs?: object) => ({
      id: name,
      parent,
      type: "item",
      ...(attrs && { attrs }),
    });
    const expected = body(
      { id: "root", type: "item" },
      ...[node("d", "root"), node("a", "root"), node("b", "a", { x: 1 }), node("e", "a")],
    );
    expect(await exportOf(id)).toBe(expected);
    expect((await importInto("copy", expected)).status).toBe(201);
    expect(await treeOf("copy")).toBe(await treeOf(id));
  });
});

describe("D10 an export under way", () => {
  test("is the tree as of its beginning, whatever is changed meanwhile", async () => {
    const text = await openLarge("changing");
    // All of it is in memory then, where it changes in place.
    await treeOf("changing");
    const reader = await beginExport("changing");
    const { value } = await reader.read();
    const ann = await join("changing", "ann");
    // Whatever was read last, and whatever comes next. One by one: many operations at once make new records.
    const last = ids(text).map((name) => ann.mutate(insert(`in-${name}`, name, { after: null })));
    await ann.answer(last.at(-1) ?? 0);
    for (let round = 0; round < 5; round++) {
      const at = (index: number) => `n${1 + ((index * 613 + round) % 2_999)}`;
      await ann.write(update(at(1), { round }));
      await ann.write([insert(`new${round}`, "root", { after: null }), insert(`deep${round}`, at(2))]);
      await ann.write(remove(`n${2_990 + round}`));
      await ann.write(move(`n${2_980 + round}`, "root", { after: null }));
      if (round === 1) await ann.write([remove("n2970"), move("n2970", "n2971"), remove("n2971")]);
      if (round === 2) await call("PATCH", topic("changing"), { options: { gracePeriod: 1 } });
    }
    const whole = new TextDecoder().decode(value) + (await readRest(reader));
    expect(ids(whole)).toEqual(ids(text));
    expect(whole === text).toBe(true);
    const after = ids(await exportOf("changing"));
    expect([after.includes("new4"), after.includes("n2994"), after.includes("n2971")]).toEqual([true, false, false]);
    expect((await call<{ treeSize: number }>("GET", topic("changing"))).treeSize).toBe(after.length);
  });

  test("is read by many at once, each with the tree of its own beginning", async () => {
    const first = await openLarge("many");
    const early = await beginExport("many");
    await call("POST", `${topic("many")}/mutations`, { ops: [insert("new", "root"), remove("n7")] });
    const late = await beginExport("many");
    await call("POST", `${topic("many")}/mutations`, { ops: [remove("new")] });
    const [one, two] = await Promise.all([readRest(early), readRest(late)]);
    expect(one === first).toBe(true);
    expect(ids(two)).toEqual([...ids(first).filter((id) => id !== "n7"), "new"]);
  });

  test("is not cut by the end of grace, which comes when it is over", async () => {
    const text = await openLarge("grace");
    await call("PATCH", topic("grace"), { options: { gracePeriod: 0, snapshotInterval: null } });
    await call("POST", `${topic("grace")}/mutations`, { ops: [update("n2999", { x: 1 })] });
    const reader = await beginExport("grace");
    await reader.read();
    // The alarm may have gone off by itself.
    for (let alarms = 0; alarms < 3; alarms++) {
      await runDurableObjectAlarm(stubOf("grace"));
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
    const rest = await readRest(reader);
    expect(rest.endsWith(`"attrs":{"text":"${TEXT}","x":1}}\n`)).toBe(true);
    expect(rest.length).toBeGreaterThan(text.length / 2);
    await runDurableObjectAlarm(stubOf("grace"));
    expect(await call("GET", topic("grace"))).toMatchObject({ state: "asleep", checkpointSeq: 1 });
  });

  test.each(["DELETE", "stop"])("breaks off with an error at a %s", async (what) => {
    const id = `closed-${what}`;
    await openLarge(id);
    const reader = await beginExport(id);
    await reader.read();
    if (what === "DELETE") await call("DELETE", topic(id));
    else await call("POST", `${topic(id)}/stop`);
    await expect(readRest(reader)).rejects.toThrow();
    if (what === "stop") expect(ids(await exportOf(id)).length).toBe(3_000);
    else expect(await problem("GET", `${topic(id)}/export`)).toMatchObject({ code: "notFound" });
  });

  test("that nobody reads on is let go when its reader goes", async () => {
    await openLarge("left");
    const reader = await beginExport("left");
    await reader.read();
    await reader.cancel();
    const stopped = await call("POST", `${topic("left")}/stop`);
    expect(stopped).toMatchObject({ treeSize: 3_000 });
    expect(ids(await exportOf("left")).length).toBe(3_000);
  });

  test("S14 whose document had to be read anew breaks off, and never mixes two trees", async () => {
    const id = "abandoned";
    const text = wide(3_000, { text: "x".repeat(2_000) });
    await importInto(id, text);
    const reader = await beginExport(id);
    const { value } = await reader.read();
    const rename = (from: string, to: string) =>
      runInDurableObject(stubOf(id), (_, { storage }) => void storage.sql.exec(`ALTER TABLE ${from} RENAME TO ${to}`));
    await rename("events", "events_away");
    expect(await problem("POST", `${topic(id)}/mutations`, { ops: [update("n1", { x: 1 })] })).toMatchObject({
      code: "unavailable",
    });
    await rename("events_away", "events");
    const ops = [remove("n2999"), insert("new", "root", { after: "n2000" }), update("n1500", { x: 1 })];
    await call("POST", `${topic(id)}/mutations`, { ops });
    await call("POST", `${topic(id)}/stop`);
    const rest = await readRest(reader).catch(() => null);
    if (rest !== null)
      expect(new TextDecoder().decode(value) + rest === text, "it is the tree as of its beginning").toBe(true);
  });

  test("that fails to read its rows ends with an error, and the document goes on", async () => {
    await openLarge("broken");
    await evictDurableObject(stubOf("broken"));
    const reader = await beginExport("broken");
    await reader.read();
    const rename = (from: string, to: string) =>
      runInDurableObject(
        stubOf("broken"),
        (_, { storage }) => void storage.sql.exec(`ALTER TABLE ${from} RENAME TO ${to}`),
      );
    await rename("nodes", "nodes_away");
    await expect(readRest(reader)).rejects.toThrow();
    await rename("nodes_away", "nodes");
    expect(ids(await exportOf("broken")).length).toBe(3_000);
  });
});
