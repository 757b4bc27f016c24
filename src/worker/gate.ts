import { waitUntil } from "cloudflare:workers";
import { keepAccess } from "../access/access.ts";
import { principalBy } from "../access/authenticate.ts";
import type { Claims } from "../access/claims.ts";
import { tokenOf } from "../access/credentials.ts";
import { decodePrincipal, isRecord } from "../access/identity.ts";
import { mayComeFrom } from "../access/origins.ts";
import { isClosed, type Settings } from "../access/settings.ts";
import type { Verify } from "../access/tokens.ts";
import { noteFailureAlone } from "../object/log.ts";
import { chain, failure, type Principal, type Result, success } from "../protocol/index.ts";
import type { Authorize, Refusal } from "./authorize.ts";

/** Who may come in at all. Asked before anything of a document is touched. */
export interface Gate<Env> {
  /** Says who makes the request and what he may do in the document, or why he may not come in; to be asked behind `isOrigin`. */
  admit(request: Request, documentId: string, env: Env): Promise<Result<Principal>>;
  /** Whether the page that a request comes from may make it: what CORS says. */
  isOrigin(request: Request, env: Env): Result<null>;
}

export function createGate<Env extends object>(authorize: Authorize<Env> | undefined): Gate<Env> {
  const accessOf = keepAccess(waitUntil);

  function isOrigin(request: Request, env: Env): Result<null> {
    const access = accessOf(env);
    if (!access.ok) return access;
    if (mayComeFrom(request, access.value.settings.origins)) return success(null);
    return failure("forbidden", "pages of this origin may not come in: ALLOWED_ORIGINS does not name it");
  }

  return {
    isOrigin,
    async admit(request, documentId, env) {
      const access = accessOf(env);
      if (!access.ok) return access;
      const { settings, verify } = access.value;
      const byDefault = () => admitByDefault(request, documentId, settings, verify);
      if (!authorize) return byDefault();
      // Its own: the body is the document's, and read once.
      const { url, method, headers } = request;
      const context = {
        env,
        claims: async () => told(await claimsOf(request, verify)),
        byDefault: async () => told(await byDefault()),
      };
      const verdict = await asked(() => authorize(new Request(url, { method, headers }), documentId, context));
      if (isRefusal(verdict)) return failure(verdict.code, verdict.message);
      // It has the last word while connected, too, also where it has answered with what a token says: another token is not asked to it.
      const principal = decodePrincipal({ ...verdict, renewable: false });
      if (principal.ok) return principal;
      // A bug of the application, which nobody mends by another token.
      console.error("authorize has answered with no principal:", principal.problem.message);
      return failure("unavailable", UNKNOWN);
    },
  };
}

/** What it throws may say a session, a token or a query: only its name is logged. */
async function asked(
  authorize: () => Principal | Refusal | Promise<Principal | Refusal>,
): Promise<Principal | Refusal> {
  try {
    return await authorize();
  } catch (error) {
    noteFailureAlone("authorize has thrown", error);
    return { code: "unavailable", message: UNKNOWN };
  }
}

/** By the token that the request comes with; without one, what may be done without. */
async function admitByDefault(
  request: Request,
  documentId: string,
  settings: Settings,
  verify: Verify,
): Promise<Result<Principal>> {
  if (isClosed(settings)) return failure("unavailable", HOW_TO_OPEN);
  if (tokenOf(request) === null && settings.anonymous) return success({ user: null, role: settings.anonymous });
  return chain(await claimsOf(request, verify), (claims) => principalBy(claims, documentId));
}

async function claimsOf(request: Request, verify: Verify): Promise<Result<Claims>> {
  const token = tokenOf(request);
  return token === null ? failure("unauthorised", NO_TOKEN) : verify(token);
}

/** A result as an application sees it. */
function told<T>(result: Result<T>): T | Refusal {
  if (result.ok) return result.value;
  const { code, message } = result.problem;
  return { code: isRefusing(code) ? code : "unavailable", message };
}

function isRefusal(verdict: unknown): verdict is Refusal {
  return isRecord(verdict) && isRefusing(verdict.code) && typeof verdict.message === "string";
}

function isRefusing(code: unknown): code is Refusal["code"] {
  return code === "unauthorised" || code === "forbidden" || code === "unavailable";
}

const UNKNOWN = "who this is could not be found out; try again";
const NO_TOKEN = "no token: send it as Authorization: Bearer, as the subprotocol token.TOKEN, or fetch a ticket";
const HOW_TO_OPEN =
  "nobody may use this deployment yet: set the secret AUTH_SECRET (npx wrangler secret put AUTH_SECRET), or AUTH_JWKS_URL " +
  "and AUTH_AUDIENCE; or ALLOW_ANONYMOUS to read, write or admin, which opens it to everybody. README.md, Deploy, says more";
