/** A JSON value as it stands in an attribute. Limits on depth and size are the protocol's. */
export type Json = null | boolean | number | string | JsonArray | JsonObject;
// Interfaces and not literal types: the RPC types of the platform expand the latter without end (TS2589).
export interface JsonArray extends ReadonlyArray<Json> {}
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Whether two JSON values are equal, in whatever order their keys are; their depth is limited where they come in. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return a === b;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  if (left.length !== right.size || Array.isArray(a) !== Array.isArray(b)) return false;
  return left.every(([key, value]) => right.has(key) && sameJson(value, right.get(key)));
}
