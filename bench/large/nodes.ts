/** A node as a line of an import or an export has it; the root is the one without a parent. */
export interface ImportNode {
  readonly id: string;
  readonly parent?: string;
  readonly type: string;
  readonly attrs: { readonly text: string; readonly [key: string]: string | boolean };
}

/**
 * A large document in document order, the same each time, one node after another so that nobody holds it whole. It is
 * an outline about 16 levels deep on average; in every 50 000 nodes there are a chain of 900, which is nearly as deep as a
 * tree may be, and a list of 10 000.
 */
export function* nodesOf(count: number): Generator<ImportNode> {
  const path: string[] = [];
  for (let index = 0; index < count; index++) {
    path.length = placeOf(index, path.length);
    const parent = path.at(-1);
    const node = { id: idOf(index), type: TYPES[random(index, 1) % TYPES.length] ?? "row", attrs: attrsOf(index) };
    yield parent === undefined ? node : { ...node, parent };
    path.push(node.id);
  }
}

/**
 * The id of the n-th node, as random as the UUIDs that clients choose: neighbours in the document are strangers in an
 * order by id. No two are the same, as the mix of the index is a bijection.
 */
export function idOf(index: number): string {
  const words = [0, 7, 8, 9].map((salt) => random(index, salt).toString(16).padStart(8, "0"));
  return words.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** How many ancestors the n-th node has, where the one before it has `above` counted with itself. */
function placeOf(index: number, above: number): number {
  if (index === 0) return 0;
  const within = index % 50_000;
  if (within > 500 && within <= 1_400) return above; // the chain
  if (within === 1_401) return 1;
  if (within > 10_000 && within <= 20_000) return within === 10_001 ? above : Math.max(1, above - 1); // the list
  const roll = random(index, 2) % 100;
  if (roll < 36) return above;
  return Math.max(1, above - (roll < 80 ? 1 : 2 + (random(index, 3) % 3)));
}

function attrsOf(index: number): ImportNode["attrs"] {
  const text = [4, 5, 6, 10].map((salt) => WORDS[random(index, salt) % WORDS.length]).join(" ");
  return { text: `${text} ${index}`, done: random(index, 11) % 3 === 0, owner: `user-${random(index, 12) % 500}` };
}

const TYPES = ["page", "row", "row", "heading", "task"];
/** Mostly Latin-1, sometimes not: a text with one wide character takes two bytes for each in memory. */
const WORDS = [
  "milk",
  "agenda",
  "draft",
  "Straße",
  "café",
  "review",
  "of",
  "the",
  "plan",
  "and",
  "notes",
  "🌳",
  "next",
];

/** 32 bits from an index and a salt; for one salt no two indexes have the same. */
export function random(index: number, salt: number): number {
  let bits = (index + Math.imul(salt, 0x9e3779b1)) | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
