/** A JSON value. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };

/** Whether two JSON values are equal, in whatever order their keys are; their depth is limited where they come in. */
export function sameJson(a: Value | undefined, b: Value | undefined): boolean {
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return a === b;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  if (left.length !== right.size || Array.isArray(a) !== Array.isArray(b)) return false;
  return left.every(([key, value]) => right.has(key) && sameJson(value, right.get(key)));
}
