import type { Json } from "../tree/index.ts";
import { byteLength, LIMITS } from "./limits.ts";

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
      return Number.isFinite(value) ? null : `${value} is not a JSON number`;
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

/** Says what is wrong with a node's attributes as a whole, or null: too many, or too large. */
export function attrsProblem(attrs: { readonly [key: string]: Json }): string | null {
  const keys = Object.keys(attrs);
  if (keys.length > LIMITS.attrsPerNode) return `${keys.length} attributes, at most ${LIMITS.attrsPerNode} are allowed`;
  // An upper bound first: it costs no text, and nearly every node is far below the limit.
  let bound = 0;
  for (const key of keys) {
    const value = attrs[key];
    bound += 6 * key.length + 4;
    if (typeof value === "string") bound += 6 * value.length + 2;
    else if (typeof value === "object" && value !== null) bound += 3 * JSON.stringify(value).length;
    else bound += 32;
  }
  if (bound <= LIMITS.nodeBytes) return null;
  const bytes = byteLength(JSON.stringify(attrs));
  return bytes <= LIMITS.nodeBytes ? null : `${bytes} bytes of attributes, at most ${LIMITS.nodeBytes} are allowed`;
}
