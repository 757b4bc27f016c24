import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openFrame } from "../../src/protocol/index.ts";
import { splitList, withoutRounded } from "../../src/protocol/text.ts";
import { runs } from "../support/seed.ts";

const MOST = 256;

/** What a split text says, put together again; undefined where it is no JSON. */
function together(text: string): unknown {
  const split = splitList(text, "list", MOST);
  if (!split) return null;
  const elements: unknown[] = [];
  for (let at = 0; at < split.bounds.length; at += 2) {
    elements.push(parsed(text.slice(split.bounds[at], split.bounds[at + 1])));
  }
  const around = parsed(split.around);
  if (around === undefined || elements.includes(undefined)) return undefined;
  return { ...Object(around), list: elements };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const json = fc.jsonValue({ maxDepth: 3 });
const space = fc.constantFrom("", " ", "\n\t ");

describe("a list in a JSON text", () => {
  it.each([
    ['{"list":[]}', [], '{"list":[]}'],
    [
      '{ "a" : {"list":[9]} , "list" : [ 1 , "],[" ,{"b":[2,3]}] , "c":"\\"" }',
      [" 1 ", ' "],[" ', '{"b":[2,3]}'],
      null,
    ],
    ['{"list":[1,]}', ["1", ""], null],
    ['{"list":[,]}', ["", ""], null],
    ['{"a":"\\\\","list":[ ]}', [], '{"a":"\\\\","list":[]}'],
  ])("B2 is found in %s", (text, elements, around) => {
    const split = splitList(text, "list", MOST);
    const bounds = split?.bounds ?? [];
    expect(bounds.flatMap((end, at) => (at % 2 ? [text.slice(bounds[at - 1], end)] : []))).toEqual(elements);
    if (around !== null) expect(split?.around).toBe(around);
  });

  it.each(["[]", '{"a":[1]}', '{"list":{"list":[1]}}', '{"list":[1', '"list"', '{"list":"[1]"}', ""])(
    "B2 is not found in %s",
    (text) => expect(splitList(text, "list", MOST)).toBe(null),
  );

  it("B2 has no more elements than may be", () => {
    const text = (count: number) => JSON.stringify({ list: Array.from({ length: count }, () => 1) });
    expect(splitList(text(MOST), "list", MOST)?.bounds).toHaveLength(2 * MOST);
    expect(splitList(text(MOST + 1), "list", MOST)).toBe(null);
  });

  it("B2 says in parts what the whole says, whatever stands around and in it", () => {
    const object = fc.tuple(fc.dictionary(fc.string(), json), fc.array(json, { maxLength: 8 }), space);
    fc.assert(
      fc.property(object, ([more, list, spaces]) => {
        const text = JSON.stringify({ ...more, list }, null, spaces);
        expect(together(text)).toEqual(JSON.parse(text));
      }),
      runs(300),
    );
  });

  it("B2 is no JSON in parts where the whole is none", () => {
    const broken = fc.tuple(
      fc.array(json, { maxLength: 4 }),
      fc.nat(),
      fc.constantFrom(...'{}[]",:\\1 n'.split("")),
      fc.boolean(),
    );
    fc.assert(
      fc.property(broken, ([list, where, character, isPut]) => {
        const good = JSON.stringify({ type: "x", list, n: 1 });
        const at = where % good.length;
        const text = good.slice(0, at) + character + good.slice(isPut ? at : at + 1);
        const whole = parsed(text);
        const parts = together(text);
        // Null: it is parsed as a whole then.
        if (parts !== null) expect(parts).toEqual(whole);
      }),
      runs(1_000),
    );
  });
});

describe("a large frame", () => {
  const padding = "x".repeat(200);
  const mutations = Array.from({ length: 200 }, (_, at) => ({ mutation: at + 1, ops: [], meta: { padding } }));
  const frameOf = (list: readonly unknown[]) => JSON.stringify({ type: "mutate", mutations: list });
  const opened = (frame: string) => {
    const result = openFrame(frame);
    return result.ok && result.value.type === "mutate" ? result.value.mutations : null;
  };

  it("B2 is opened without its mutations", () => {
    const enclosed = opened(frameOf(mutations));
    expect(enclosed?.length).toBe(200);
    expect(enclosed?.at(7)).toEqual({ ok: true, value: { mutation: 8, input: mutations[7] } });
    expect(enclosed?.at(200)).toMatchObject({ ok: false, problem: { code: "protocol" } });
  });

  it("B2 names what cannot be understood of it when its turn comes", () => {
    const enclosed = opened(frameOf([...mutations, { ops: [] }]));
    expect(enclosed?.at(199).ok).toBe(true);
    expect(enclosed?.at(200)).toMatchObject({
      problem: { code: "protocol", message: "mutations[200].mutation: is missing" },
    });
    expect(opened(frameOf(mutations).replace('"mutation":9,', '"mutation" 9,'))?.at(8)).toMatchObject({ ok: false });
  });

  it("B2 is refused as a small one is for what stands around its mutations", () => {
    const twice = frameOf(mutations).replace('"type"', '"mutations":[],"type"');
    expect(opened(twice)?.length).toBe(200);
    expect(openFrame(frameOf(mutations).replace('"mutate"', '"mutat"'))).toMatchObject({ ok: false });
    expect(openFrame(frameOf(mutations).slice(0, -1))).toMatchObject({ ok: false });
    const many = openFrame(frameOf(Array.from({ length: 257 }, () => mutations[0])));
    expect(many).toMatchObject({ problem: { code: "protocol", message: expect.stringContaining("257") } });
  });
});

describe("W76: whole numbers that would be rounded", () => {
  it.each([
    ["9007199254740993", "1e999"],
    ["-9007199254740993", "1e999"],
    ['{"id":12345678901234567890,"n":1}', '{"id":1e999,"n":1}'],
    ["[1,9007199254740993,10000000000000001,2]", "[1,1e999,1e999,2]"],
    ["-00000000000000001", "1e999"],
    ['[9007199254740993,"9007199254740993","\\"9007199254740993"]', '[1e999,"9007199254740993","\\"9007199254740993"]'],
  ])("%s is %s", (text, made) => {
    expect(withoutRounded(text)).toBe(made);
  });

  it.each([
    "9007199254740991",
    "9007199254740992",
    "123456789012345680000",
    "0.12345678901234567890",
    "1234567890123456789e5",
    '"9007199254740993"',
    '{"9007199254740993":1}',
  ])("%s stays", (text) => {
    expect(withoutRounded(text)).toBe(text);
  });

  it("what JavaScript has written stays", () => {
    const number = fc.oneof(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(Number), fc.double({ noNaN: true }));
    const value = fc.array(fc.oneof(number, fc.jsonValue({ maxDepth: 2 }), fc.stringMatching(/^[0-9"\\]{14,20}$/)));
    fc.assert(
      fc.property(value, (each) => {
        const text = JSON.stringify(each);
        expect(withoutRounded(text)).toBe(text);
      }),
      runs(300),
    );
  });
});
