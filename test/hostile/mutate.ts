import type { Random } from "../e2e/random.ts";

// Makes something hostile of something sound: byte by byte, and by its structure.

/** Some bytes changed, cut out, repeated or put in. */
export function mutateBytes(random: Random, sound: Buffer): Buffer {
  let bytes = Buffer.from(sound);
  for (let left = 1 + random.below(3); left > 0; left--) {
    const at = random.below(bytes.length + 1);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const some = after.subarray(0, 1 + random.below(8));
    bytes = random.pick([
      () => Buffer.concat([before, Buffer.from([random.below(256)]), after.subarray(1)]),
      () => Buffer.concat([before, Buffer.from([(after[0] ?? 0) ^ (1 << random.below(8))]), after.subarray(1)]),
      () => Buffer.concat([before, after.subarray(some.length)]),
      () => Buffer.concat([before, some, some, after]),
      () => Buffer.concat([before, Buffer.from(random.pick(PIECES)), after]),
      () => before,
    ])();
  }
  return bytes;
}

const PIECES: readonly [string, ...string[]] = [
  ...([
    "\0",
    "\ud800",
    "\u2028",
    '"',
    "\\",
    "\\u0000",
    "\\ud800",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "-",
    "1e999",
    "-0",
  ] as const),
  ...[
    "0".repeat(400),
    "[".repeat(2_000),
    '{"a":'.repeat(500),
    "\r\n",
    "\r\n\r\n",
    "%00",
    "../",
    "💥",
    "ÿ",
    '"__proto__":{},',
  ],
];

/** A part of a value replaced, left out, renamed, repeated or put elsewhere. */
export function mutateStructure(random: Random, sound: unknown): unknown {
  const whole: { value: unknown } = { value: structuredClone(sound) };
  const places = placesIn(whole);
  const { holder, key } = places[random.below(places.length)] ?? { holder: whole, key: "value" };
  const here: unknown = Reflect.get(holder, key);
  const elsewhere = places[random.below(places.length)];
  const there: unknown = elsewhere && Reflect.get(elsewhere.holder, elsewhere.key);
  random.pick([
    () => Reflect.set(holder, key, oddValue(random)),
    () => Reflect.set(holder, key, oddValue(random)),
    () => Reflect.set(holder, key, structuredClone(there)),
    () => Reflect.set(holder, key, [here, here]),
    () => Reflect.set(holder, key, { [oddText(random)]: here }),
    () => (Array.isArray(holder) ? holder.splice(Number(key), 1) : Reflect.deleteProperty(holder, key)),
    () => Reflect.set(holder, Array.isArray(holder) ? holder.length : oddText(random), oddValue(random)),
    () => Reflect.set(holder, key, typeof here === "string" ? here + oddText(random) : here),
    () =>
      Reflect.set(holder, key, typeof here === "number" ? here + random.pick([-1, 1, 0.5, 2 ** 53]) : oddValue(random)),
  ])();
  return whole.value;
}

interface Place {
  readonly holder: object;
  readonly key: string;
}

function placesIn(value: object, found: Place[] = []): readonly Place[] {
  for (const [key, inner] of Object.entries(value)) {
    found.push({ holder: value, key });
    if (typeof inner === "object" && inner !== null) placesIn(inner, found);
  }
  return found;
}

function oddValue(random: Random): unknown {
  return random.pick<() => unknown>([
    () => null,
    () => true,
    () => random.pick([0, -1, 0.1, 1e308, -0, 2 ** 53, Number.MAX_SAFE_INTEGER]),
    () => random.below(50),
    () => oddText(random),
    () => [],
    () => ({}),
    () => JSON.parse('{"__proto__":{"role":"admin"},"constructor":1}'),
    () => nested(random.below(300)),
    () => Array.from({ length: random.below(600) }, (_, index) => index),
    () => ({ op: random.pick(["insert", "move", "update", "remove", "undo", "redo"]), id: "a", parent: "root" }),
    () => oddEdit(random),
    () => ({ id: `n${random.below(40)}`, type: "item", children: [{ type: "text" }] }),
  ])();
}

/** Of texts: places past the end, halves of pairs, numbers that are huge, or none. */
function oddEdit(random: Random): unknown {
  const place = () => random.pick([0, -0, 1, 7, -1, -7, 0.5, 1e308, -1e308, 2 ** 53, 2 ** 31]);
  const change = () =>
    random.pick<() => unknown>([place, place, () => oddText(random), () => "💥", () => [1], () => null])();
  const [id, other] = [random.pick(["a", "b", "root"]), random.pick(["a", "b", "c", "n1"])];
  return random.pick<() => unknown>([
    () => ({ op: "edit", id, attr: "text", changes: Array.from({ length: random.below(6) }, change) }),
    () => ({ op: "split", id, attr: "text", at: place(), node: { id: other, type: "item" }, head: true }),
    () => ({ op: "split", id, attr: "text", at: place(), node: { type: "item", attrs: { text: "x" } } }),
    () => ({ op: "join", id, into: other, attr: random.pick(["text", "y", "__proto__"]) }),
  ])();
}

function oddText(random: Random): string {
  return random.pick([
    ...([
      "",
      "a",
      "b",
      "root",
      "mutate",
      "join",
      "auth",
      "__proto__",
      "constructor",
      "toString",
      "type",
      "id",
    ] as const),
    ...[
      "ops",
      "\0",
      "\ud800",
      "é".repeat(70),
      "x".repeat(129),
      "x".repeat(4_200),
      "../..",
      "a b",
      "'; DROP TABLE nodes; --",
    ],
    ...["<script>", "$(env)", "%s%n", "9".repeat(400), `n${random.below(40)}`],
  ]);
}

function nested(depth: number): unknown {
  let value: unknown = 0;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { key: value };
  return value;
}
