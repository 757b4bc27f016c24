import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ClientMessage, decodeClientMessage, decodeMutation, encode } from "../../src/protocol/index.ts";
import { runs } from "../support/seed.ts";
import { decode, problemIn } from "./frames.ts";

const id = fc.oneof(
  fc.constantFrom("a", "b", "root", "__proto__"),
  fc.stringMatching(/^[A-Za-z0-9._~:-]{1,128}$/).filter((text) => text !== "." && text !== ".."),
);
const name = fc.string({ minLength: 1, maxLength: 20 });
const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => !JSON.stringify(value).includes('"__proto__"'));
const attrs = fc
  .dictionary(name, json, { noNullPrototype: true })
  .filter((value) => !Object.hasOwn(value, "__proto__"));
const anchors = { after: fc.option(id), before: fc.option(id) };
const loose = { requiredKeys: [] as never[] };
const optional = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(fields, loose);

const node = fc.letrec((tie) => ({
  node: fc
    .tuple(
      fc.record({ type: name }),
      optional({ id, attrs, children: fc.array(tie("node"), { maxLength: 3, depthIdentifier: "node" }) }),
    )
    .map(([required, more]) => ({ ...required, ...more })),
})).node;

const operation = fc
  .oneof(
    fc.tuple(fc.record({ op: fc.constant("insert"), node, parent: id }), optional(anchors)),
    fc.tuple(fc.record({ op: fc.constant("move"), id, parent: id }), optional(anchors)),
    fc.tuple(fc.record({ op: fc.constant("update"), id }), optional({ attrs, type: name })),
    fc.tuple(fc.record({ op: fc.constant("update"), id }), optional({ unset: fc.array(name), type: name })),
    fc.tuple(fc.record({ op: fc.constant("remove"), id }), fc.constant({})),
  )
  .map(([required, more]) => ({ ...required, ...more }));
const count = fc.maxSafeNat();
const mutation = fc
  .tuple(
    fc.record({
      mutation: count.map((value) => Math.max(1, value)),
      ops: fc.array(operation, { minLength: 1, maxLength: 4 }),
    }),
    optional({ base: count, meta: attrs }),
  )
  .map(([required, more]) => ({ ...required, ...more }));
const message = fc.oneof(
  fc
    .tuple(
      fc.record({ type: fc.constant("join"), protocol: fc.nat(3), client: id }),
      optional({ incarnation: fc.string(), seq: count, presence: json }),
    )
    .map(([required, more]) => ({ ...required, ...more })),
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("mutate"),
      mutations: fc.array(mutation, { minLength: 1, maxLength: 4 }),
    }),
  },
  fc.record({ type: fc.constant("presence"), data: json }),
  fc.record({ type: fc.constant("sync"), n: count }),
  fc.record({ type: fc.constant("leave") }),
);

/** A message with one value somewhere in it replaced by another. */
const damaged = fc.tuple(message, fc.nat(), fc.jsonValue()).map(([whole, at, other]) => {
  let steps = at % (1 + [...JSON.stringify(whole).matchAll(/[:,[]/g)].length);
  const text = JSON.stringify(whole, (_key, value) => (steps-- === 0 ? other : value));
  return text ?? "null";
});

/** Decodes what the decoder made of a frame once more. */
function decodesToItself(value: ClientMessage): void {
  const whole =
    value.type === "mutate" ? { ...value, mutations: value.mutations.filter(({ problem }) => !problem) } : value;
  // As text, since JSON has one zero and values here may have two.
  const again = decodeClientMessage(encode(whole));
  expect(again.ok && encode(again.value)).toBe(encode(whole));
}

describe("whatever is sent", { timeout: 60_000 }, () => {
  it("W3 any text: no throw", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), (text) => {
        expect(problemIn(decodeClientMessage(text))).not.toBeNull();
      }),
      runs(1_000),
    );
  });

  it("W3, W5 any JSON with a known type or op: no throw, and what is accepted decodes to itself", () => {
    const value = fc.jsonValue();
    const types = fc.constantFrom("join", "mutate", "presence", "sync", "leave");
    const ops = fc.constantFrom("insert", "move", "update", "remove");
    const half = fc.oneof(
      fc.tuple(types, fc.dictionary(fc.constantFrom("protocol", "client", "mutations", "data", "n", "seq"), value)),
      fc.tuple(ops, fc.dictionary(fc.constantFrom("id", "parent", "node", "after", "attrs", "unset", "type"), value)),
    );
    const decoded = ([kind, fields]: [string, object]) => {
      for (const text of [
        { ...fields, type: kind },
        { type: "mutate", mutations: [{ mutation: 1, ops: [{ ...fields, op: kind }] }] },
      ]) {
        const result = decode(text);
        if (result.ok) decodesToItself(result.value);
      }
    };
    fc.assert(fc.property(half, decoded), runs(2_000));
  });

  it("W3, W5 a sound message is accepted as it is, and decodes to itself", () => {
    const accepted = (sound: object) => {
      const result = decode(sound);
      if (!result.ok) throw new Error(result.problem.message);
      if (result.value.type === "mutate")
        expect(result.value.mutations.map(({ problem }) => problem)).not.toContainEqual(expect.anything());
      decodesToItself(result.value);
    };
    fc.assert(fc.property(message, accepted), runs(1_000));
  });

  it("W3, W5 a message with one thing wrong: refused with a reason, or accepted and decoded to itself", () => {
    const seen = { accepted: 0, protocol: 0, invalid: 0 };
    const decoded = (text: string) => {
      const result = decodeClientMessage(text);
      if (!result.ok) {
        seen.protocol++;
        expect(result.problem.code).toBe("protocol");
        return;
      }
      seen.accepted++;
      decodesToItself(result.value);
      if (result.value.type !== "mutate") return;
      for (const { problem } of result.value.mutations) if (problem) seen.invalid++;
    };
    fc.assert(fc.property(damaged, decoded), runs(2_000));
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(50);
  });

  it("W5 any value that a call over RPC can carry: no throw", () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withNullPrototype: true,
    });
    fc.assert(
      fc.property(anything, anything, (one, two) => {
        for (const input of [one, { ops: one }, { ops: [one, two] }, { ops: [{ op: "update", id: "a", attrs: one }] }])
          decodeMutation(input);
        decodeMutation({
          ops: [{ op: "insert", parent: "a", node: { type: "item", attrs: { one }, children: [two] } }],
          meta: two,
        });
      }),
      runs(1_000),
    );
  });
});
