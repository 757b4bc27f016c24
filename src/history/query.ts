/** A query as HTTP has it: `{where: {meta: {KEY: "x"}}}` becomes `where[meta.KEY]=x`; what is undefined is left out. */
export function queryText(query: object): string {
  return pairs(query, (key) => key)
    .map((pair) => pair.map((text) => encodeURIComponent(text.toWellFormed())).join("="))
    .join("&");
}

function pairs(query: object, name: (key: string) => string): [string, string][] {
  return Object.entries(query).flatMap(([key, value]): [string, string][] => {
    if (value === undefined) return [];
    if (typeof value !== "object" || value === null) return [[name(key), String(value)]];
    return pairs(value, (inner) => (key === "where" ? `where[${inner}]` : `where[${key}.${inner}]`));
  });
}
