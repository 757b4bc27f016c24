import { failure, type Principal, type Result } from "../protocol/index.ts";
import { dropCredentials } from "./credentials.ts";
import { decodePrincipal, isRecord } from "./identity.ts";

/** The property of `cf` that carries a principal from a Worker to the object. */
const KEY = "durableGrove";

/**
 * The request as an object gets it, with who makes it. That travels in `cf`, which belongs to Workers: a client sets headers,
 * whoever hands them over, and no property of a request. What the client has proved itself with stays behind.
 */
export function withPrincipal(request: Request, principal: Principal): Request {
  const copy = new Request(request, { cf: { [KEY]: principal } });
  dropCredentials(copy.headers);
  return copy;
}

/** Who makes a request, as the Worker has put it there; without that it is nobody's (`unauthorised`). */
export function principalOf(request: Request): Result<Principal> {
  const carried = isRecord(request.cf) ? request.cf[KEY] : undefined;
  if (carried === undefined) return failure("unauthorised", "a request reached the document without a principal");
  return decodePrincipal(carried);
}
