import type { Claims } from "../access/claims.ts";
import type { Principal } from "../protocol/index.ts";

/** That somebody may not come in, and why: the message is shown to whoever asked. */
export interface Refusal {
  /**
   * `unauthorised`: who are you, come with another token. `forbidden`: not you, and not with another token either.
   * `unavailable`: that cannot be found out now, come again.
   */
  readonly code: "unauthorised" | "forbidden" | "unavailable";
  readonly message: string;
}

/** What an `authorize` is given beside the request. */
export interface AuthorizeContext<Env> {
  readonly env: Env;
  /** What the token of the request says, if it is valid, whatever documents it names; else why it is not. */
  claims(): Promise<Claims | Refusal>;
  /** What would be the answer without an `authorize`: by the token, or `ALLOW_ANONYMOUS`. */
  byDefault(): Promise<Principal | Refusal>;
}

/**
 * Says who makes a request and what he may do in a document, or refuses. Asked for each HTTP request, for each
 * ticket, and for each connection without one, before the document is touched; the request is without its body. What it has decided
 * holds while connected, whatever token comes then. What it throws, and what is no principal, is
 * `unavailable`, and logged by its name.
 *
 * @example
 * const authorize: Authorize<Env> = async (request, documentId, { env }) => {
 *   const user = await userOfSession(request.headers.get("cookie"), env);
 *   if (!user) return { code: "unauthorised", message: "log in first" };
 *   return { user: { id: user.id }, role: user.owns(documentId) ? "admin" : "read" };
 * };
 */
export type Authorize<Env> = (
  request: Request,
  documentId: string,
  context: AuthorizeContext<Env>,
) => Principal | Refusal | Promise<Principal | Refusal>;
