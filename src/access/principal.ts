import type { Principal } from "../protocol/index.ts";

/** The header that carries a principal from the Worker to the object. Only the Worker may set it. */
const HEADER = "x-grove-principal";

/** The request as the object gets it: whatever the caller claimed to be is overwritten. */
export function withPrincipal(request: Request, principal: Principal): Request {
  const copy = new Request(request);
  // A header holds bytes, a name may hold anything.
  copy.headers.set(HEADER, encodeURIComponent(JSON.stringify(principal)));
  return copy;
}

/** The principal that the Worker has put there; throws without one, as nobody else can reach the object. */
export function principalOf(request: Request): Principal {
  const header = request.headers.get(HEADER);
  if (header === null) throw new Error("a request reached the object without a principal");
  const principal: Principal = JSON.parse(decodeURIComponent(header));
  return principal;
}
