import { failure, type Principal, type Result } from "../protocol/index.ts";

/** Says whose token it is, and what that may in a document. */
export type Authenticate = (token: string, documentId: string) => Promise<Result<Principal>>;

/** A stub: the lead puts the Worker's own in its place, which reads the keys from `env`. */
export function authenticator(_env: Cloudflare.Env): Authenticate {
  return async () => failure("unauthorised", "no tokens are taken here: AUTH_SECRET or AUTH_JWKS_URL is missing");
}
