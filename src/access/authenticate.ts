import { chain, failure, type Principal, type Result, success } from "../protocol/index.ts";
import { keepAccess } from "./access.ts";
import { type Claims, roleIn } from "./claims.ts";

/** Says whose token it is, and what that may in a document. */
export type Authenticate = (token: string, documentId: string) => Promise<Result<Principal>>;

/** Of all objects in an isolate: each of them would fetch the keys for itself. What one begins is its own, and ends with no request. */
const accessOf = keepAccess(() => {});

/** By the settings in `env`, as the Worker does it. */
export function authenticator(env: object): Authenticate {
  return async (token, documentId) => {
    const access = accessOf(env);
    if (!access.ok) return access;
    return chain(await access.value.verify(token), (claims) => principalBy(claims, documentId));
  };
}

/** What the claims of a token give in a document; `forbidden` where that is nothing. */
export function principalBy({ user, documents, expires, issued }: Claims, documentId: string): Result<Principal> {
  const role = roleIn(documents, documentId);
  if (!role) return failure("forbidden", "the token does not open this document");
  return success({ user, role, expires, ...(issued !== undefined && { issued }), renewable: true });
}
