/**
 * Whether the page that a request comes from may make it: a page of the deployment's own origin, of one of this list, or of
 * any where it has `*`; `http://localhost:*` is any port. A request without `Origin` is no page's and says nothing: what it may do
 * its token decides.
 */
export function mayComeFrom(request: Request, origins: readonly string[]): boolean {
  const origin = request.headers.get("origin");
  if (origin === null) return true;
  return origins.some((each) => isLike(origin, each)) || origin === new URL(request.url).origin;
}

function isLike(origin: string, pattern: string): boolean {
  if (pattern === "*" || pattern === origin) return true;
  return pattern.endsWith(":*") && origin.replace(/:\d+$/, "") === pattern.slice(0, -2);
}
