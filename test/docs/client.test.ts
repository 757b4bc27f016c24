import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { compile, type How, readExamples, type Visit, visit } from "./client-examples.ts";

const examples = ["docs/client.md", "docs/history.md", "README.md"].flatMap((page) =>
  readExamples(readFileSync(page, "utf8")),
);

const PLAIN = "wss://grove.example/documents/shopping";
const textsOf = ({ tree }: Visit) => tree.children?.map(({ attrs }) => attrs?.text);

/** What each example comes to, by its heading. */
const claims: Record<string, { readonly how?: How; check(visit: Visit): void }> = {
  "In ten lines": {
    check(visit) {
      expect(visit.printed.slice(-2)).toEqual(["in the tree already 3", "stored as event 1"]);
      expect(visit.printed[0]).toBe("{");
      expect(textsOf(visit)).toEqual(["bread", "fruit", "milk"]);
    },
  },
  Reading: {
    check: ({ printed }) => expect(printed).toEqual(["bread", "fruit", "true"]),
  },
  Mutations: {
    check(visit) {
      expect(textsOf(visit)).toEqual(["Bakery", "fruit"]);
      const bread = { id: "bread", type: "item", attrs: { text: "bread" } };
      expect(visit.tree.children?.[0]).toMatchObject({ attrs: { open: true }, children: [bread] });
    },
  },
  Text: {
    check({ printed, tree }) {
      expect(printed).toContain("rolls and butter 9");
      expect(printed.at(-1)).toMatch(/^true \[ *'rolls and ', *'salted butter', *'fruit' *\]$/);
      expect(tree.children?.map(({ attrs }) => attrs?.text)).toEqual(["rolls and ", "salted butter", "fruit"]);
    },
  },
  Answers: {
    check({ printed }) {
      expect(printed[0]).toMatch(/^cycle node apples is inside/);
      expect(printed.slice(1).join("")).toMatch(/^not moved: \[ *\{ *op: 'move', *id: 'fruit', *parent: 'apples'/);
    },
  },
  Tokens: {
    check({ printed, address, token }) {
      expect([address, token]).toEqual([PLAIN, "ann's token"]);
      expect(printed).toEqual([]);
    },
  },
  Offline: {
    how: "offlineNext",
    check({ printed }) {
      const texts = printed.join("\n").split(/^(live|connecting|offline) /m);
      expect(texts[1]).toBe("live");
      expect(["connecting", "offline"]).toContain(texts[3]);
      expect(texts[2]).toContain("id: 'fruit'");
      expect(texts[4]?.trim()).toBe(texts[2]?.trim());
    },
  },
  Undo: {
    check({ printed, tree }) {
      expect(printed).toEqual(["[] false true"]);
      expect(tree.attrs).toEqual({ title: "Weekend" });
    },
  },
  Presence: {
    check({ printed }) {
      expect(printed).toHaveLength(2);
      expect(printed).toContainEqual(expect.stringMatching(/^Bob \{ at: 'bread' \} hsl\(.+\)$/));
      expect(printed).toContainEqual(expect.stringMatching(/^hsl\(.+\)$/));
    },
  },
  Events: {
    check(visit) {
      expect(visit.printed).toEqual(["1 agent-7 1"]);
      expect(textsOf(visit)).toEqual(["bread", "fruit", "rice"]);
    },
  },
  "A client in 15 lines": {
    check(visit) {
      expect(visit.printed).toContain("shown at once; stored as event 1");
      expect(textsOf(visit)).toEqual(["bread", "fruit"]);
    },
  },
  "A client in 15 lines (React)": {
    check: ({ address, printed }) => expect([address, printed]).toEqual([null, [""]]),
  },
  "React (React)": {
    check({ printed, address }) {
      expect(printed.join("").replaceAll("<!-- -->", "")).toContain("<p>connecting, 0 unsaved, 0 others<button");
      expect(address).toBeNull();
    },
  },
  "In a page": {
    check({ printed }) {
      expect(printed).toEqual([
        "2 removed fruit",
        "1 changed text of rolls",
        "rolls, fruit",
        "fruit is removed by ann",
        "restored as event 3",
        "rolls, fruit",
      ]);
    },
  },
  "In a page (React)": {
    check({ printed, address }) {
      expect(printed.join("")).toContain("<h2>What happened</h2>");
      expect(address).toBeNull();
    },
  },
  Testing: {
    check({ printed, address }) {
      expect(printed).toEqual(["undefined item", "2 item Plan", "undefined"]);
      expect(address).toBeNull();
    },
  },
  "Other machines": {
    how: "withoutWebSocket",
    check({ printed, address }) {
      expect(address).toBe(PLAIN);
      expect(printed).toEqual([]);
    },
  },
};

beforeAll(() => compile(examples), 60_000);

test("it is known of every example what it comes to", () => {
  expect(examples.map(({ heading }) => heading).sort()).toEqual(Object.keys(claims).sort());
});

test.concurrent.each(examples)("the example of “$heading”", { timeout: 60_000 }, async (example) => {
  const claim = claims[example.heading];
  claim?.check(await visit(example, claim.how));
});
