import { type Claims, roleIn } from "../access/claims.ts";
import { tokenOf } from "../access/credentials.ts";
import { decodePrincipal } from "../access/identity.ts";
import { mayComeFrom } from "../access/origins.ts";
import { isClosed, readSettings, type Settings, VARIABLES } from "../access/settings.ts";
import { createVerify, type Verify } from "../access/tokens.ts";
import { failure, type Principal, type Result, success } from "../protocol/index.ts";
import type { Authorize, Refusal } from "./authorize.ts";

/** Who may come in at all. Asked before anything of a document is touched. */
export interface Gate<Env> {
  /** Says who makes the request and what he may do in the document, or why he may not come in. */
  admit(request: Request, documentId: string, env: Env): Promise<Result<Principal>>;
  /** Whether the page that a request comes from may make it: what CORS says. */
  isOrigin(request: Request, env: Env): Result<null>;
}

/** A deployment's settings, and the keys that come of them. */
interface Access {
  readonly settings: Settings;
  readonly verify: Verify;
}

export function createGate<Env extends object>(authorize: Authorize<Env> | undefined): Gate<Env> {
  const accessOf = keepAccess();

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
      const from = isOrigin(request, env);
      if (!from.ok) return from;
      const { settings, verify } = access.value;
      const byDefault = () => admitByDefault(request, documentId, settings, verify);
      if (!authorize) return byDefault();
      // Its own: the body is the document's, and read once.
      const { url, method, headers } = request;
      const verdict = await authorize(new Request(url, { method, headers }), documentId, {
        env,
        claims: async () => told(await claimsOf(request, verify)),
        byDefault: async () => told(await byDefault()),
      });
      if ("code" in verdict) return failure(verdict.code, verdict.message);
      const principal = decodePrincipal(verdict);
      if (principal.ok) return principal;
      // A bug of the application, which nobody mends by another token.
      console.error("authorize has answered with no principal:", principal.problem.message);
      return failure("unavailable", "who this is could not be found out; try again");
    },
  };
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
  const claims = await claimsOf(request, verify);
  if (!claims.ok) return claims;
  const { user, documents, expires } = claims.value;
  const role = roleIn(documents, documentId);
  return role ? success({ user, role, expires }) : failure("forbidden", "the token does not open this document");
}

async function claimsOf(request: Request, verify: Verify): Promise<Result<Claims>> {
  const token = tokenOf(request);
  return token === null ? failure("unauthorised", NO_TOKEN) : verify(token);
}

/** A result as an application sees it. */
function told<T>(result: Result<T>): T | Refusal {
  if (result.ok) return result.value;
  const { code, message } = result.problem;
  return { code: code === "forbidden" || code === "unauthorised" ? code : "unavailable", message };
}

/** Reads the settings once, and again when they have changed: the keys are kept with them. */
function keepAccess(): (env: object) => Result<Access> {
  let kept: { readonly as: string; readonly access: Result<Access> } | null = null;
  return (env) => {
    const as = JSON.stringify(VARIABLES.map((name) => Reflect.get(env, name)));
    if (kept?.as === as) return kept.access;
    const settings = readSettings(env);
    const access = settings.ok ? success({ settings: settings.value, verify: createVerify(settings.value) }) : settings;
    kept = { as, access };
    return access;
  };
}

const NO_TOKEN = "no token: send it as Authorization: Bearer, as the subprotocol token.TOKEN, or fetch a ticket";
const HOW_TO_OPEN =
  "nobody may use this deployment yet: set the secret AUTH_SECRET (npx wrangler secret put AUTH_SECRET), or AUTH_JWKS_URL " +
  "and AUTH_AUDIENCE; or ALLOW_ANONYMOUS to read, write or admin, which opens it to everybody. README.md, Deploy, says more";
