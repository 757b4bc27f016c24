import type { Attrs } from "../tree/index.ts";
import { byteLength } from "./bytes.ts";
import { LIMITS } from "./limits.ts";

/**
 * Says what keeps a value from being stored as JSON, or null. Beside what JSON cannot say it refuses the key
 * `__proto__`: JSON.parse makes it an own key, and the next program that copies key by key makes it a prototype.
 */
export function jsonProblem(value: unknown, depth: number = LIMITS.valueDepth): string | null {
  switch (typeof value) {
    case "string":
    case "boolean":
      return null;
    case "number":
      return Number.isFinite(value)
        ? null
        : `${value} is not a JSON number: one that cannot be kept exactly is sent as a text`;
    case "object":
      break;
    default:
      return `a ${typeof value} is not JSON`;
  }
  if (value === null) return null;
  // The recursion is bounded by what is being checked.
  if (depth === 0) return `nests deeper than ${LIMITS.valueDepth}`;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const problem = jsonProblem(value[index], depth - 1);
      if (problem) return problem;
    }
    return null;
  }
  if (!isPlainObject(value)) return "only plain objects are JSON";
  for (const key of Object.keys(value)) {
    if (key === "__proto__") return "the key __proto__ is not allowed";
    const problem = jsonProblem(value[key], depth - 1);
    if (problem) return problem;
  }
  return null;
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Says what is wrong with a node's attributes as a whole, or null: too many, or too large. With the attributes that they
 * come from, only what differs is measured, of an edited text what has come and gone: a node can be changed often and be large.
 */
export function attrsProblem(
  attrs: Attrs,
  old?: Attrs,
  edited?: { readonly come: string; readonly gone: string },
): string | null {
  const keys = Object.keys(attrs);
  if (keys.length > LIMITS.attrsPerNode) return `${keys.length} attributes, at most ${LIMITS.attrsPerNode} are allowed`;
  // An upper bound first: it costs no text, and nearly every node is far below the limit.
  let bound = 0;
  for (const key of keys) {
    const value = attrs[key];
    bound += 6 * key.length + 4;
    if (typeof value === "string") bound += 6 * value.length + 2;
    else if (typeof value === "object" && value !== null) bound += bytesOf(value);
    else bound += 32;
  }
  if (bound <= LIMITS.nodeBytes) return null;
  const isSame = edited && old && keys.length === Object.keys(old).length;
  const bytes = !old
    ? bytesOf(attrs)
    : bytesOf(old) + (isSame ? bytesOfText(edited.come) - bytesOfText(edited.gone) : difference(attrs, old));
  known.set(attrs, bytes);
  return bytes <= LIMITS.nodeBytes ? null : `${bytes} bytes of attributes, at most ${LIMITS.nodeBytes} are allowed`;
}

/** Tells what attributes take that are known to be stored as so many bytes: to measure a megabyte anew takes 5 ms. */
export function noteAttrsBytes(attrs: Attrs, bytes: number): void {
  if (bytes > MEASURED) known.set(attrs, bytes);
}

/** What takes less is never measured: the upper bound does. */
const MEASURED = LIMITS.nodeBytes / 8;

/** Sizes of values as JSON. Values are never written in place, so what was measured once holds. */
const known = new WeakMap<object, number>();

function bytesOf(value: object): number {
  const bytes = known.get(value) ?? byteLength(JSON.stringify(value));
  known.set(value, bytes);
  return bytes;
}

function bytesOfText(text: string): number {
  return text === "" ? 0 : byteLength(JSON.stringify(text)) - 2;
}

/** How much longer one object is than another as JSON, from the fields in which they differ. */
function difference(attrs: Attrs, old: Attrs): number {
  const field = (of: Attrs, key: string) =>
    Object.hasOwn(of, key) ? byteLength(JSON.stringify(key)) + byteLength(JSON.stringify(of[key])) + 2 : 0;
  let bytes = 0;
  for (const key of Object.keys(attrs)) if (attrs[key] !== old[key]) bytes += field(attrs, key) - field(old, key);
  for (const key of Object.keys(old)) if (!Object.hasOwn(attrs, key)) bytes -= field(old, key);
  // The commas: one less than fields, and none where there is none.
  const commas = (of: Attrs) => (Object.keys(of).length > 0 ? 1 : 0);
  return bytes - commas(attrs) + commas(old);
}
