import { type Authorize, createWorker, type DocumentObject } from "durable-grove";
import { isRole, logIn, loginOf, removeMember, roleOf, setRole } from "./people";

// An application around durable-grove: its own users, who log in and get a cookie; members of each outline, with a role; and a route
// of its own by which an admin of an outline shares it. docs/embedding.md goes through it.

/** Documents are called outlines here; wrangler.toml binds the class by this name. */
export { DocumentObject as Outline } from "durable-grove";

export interface Env {
  readonly OUTLINES: DurableObjectNamespace<DocumentObject>;
  readonly DB: D1Database;
}

/** Asked before anything reaches an outline, by HTTP or by WebSocket. */
const authorize: Authorize<Env> = async (request, outline, { env }) => {
  // Before anything is looked up: a revocation of before does not count any more, and one that comes while this is asked does.
  const issued = Date.now();
  const login = await loginOf(request, env.DB);
  if (!login) return { code: "unauthorised", message: "log in first" };
  const role = await roleOf(login.user, outline, env.DB);
  return role ? { ...login, role, issued } : { code: "forbidden", message: "this outline is not shared with you" };
};

const grove = createWorker<Env>({ authorize, documents: (env) => env.OUTLINES });

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (request.method === "POST" && pathname === "/login") return logIn(request, env.DB);
    const [, outline, member] = /^\/outlines\/([A-Za-z0-9-]{1,100})(?:\/members\/([a-z]+))?$/.exec(pathname) ?? [];
    if (outline === undefined) return grove.fetch(request, env);
    const login = await loginOf(request, env.DB);
    if (!login) return say(401, "log in first");
    const { user } = login;
    if (member === undefined)
      return request.method === "PUT" ? create(outline, user.id, env) : say(404, "no such route");
    if ((await roleOf(user, outline, env.DB)) !== "admin") return say(403, "only an admin of an outline shares it");
    if (request.method === "DELETE") return unshare(outline, member, env);
    return share(outline, member, await request.text(), env);
  },
} satisfies ExportedHandler<Env>;

/** Makes an outline, whose first admin is who asked for it. */
async function create(outline: string, user: string, env: Env): Promise<Response> {
  const made = await env.OUTLINES.getByName(outline).getOrStart({ tree: { id: "root", type: "outline" } });
  if (!made.ok) return say(503, made.problem.message);
  if (!made.value.created) return say(409, "there is an outline of that name");
  await setRole(user, outline, "admin", env.DB);
  return say(201, "made");
}

/** First here, where `authorize` looks; then in the outline, where his connections may no more than that from now on; to more he connects again. */
async function share(outline: string, user: string, role: string, env: Env): Promise<Response> {
  if (!isRole(role)) return say(400, "the body is read, write or admin");
  await setRole(user, outline, role, env.DB);
  const revoked = await env.OUTLINES.getByName(outline).revoke({ user, role });
  return revoked.ok ? say(200, `${user} may ${role}`) : say(503, revoked.problem.message);
}

/** In the same order. */
async function unshare(outline: string, user: string, env: Env): Promise<Response> {
  await removeMember(user, outline, env.DB);
  const revoked = await env.OUTLINES.getByName(outline).revoke({ user });
  return revoked.ok ? say(200, `${user} is out`) : say(503, revoked.problem.message);
}

const say = (status: number, text: string) => new Response(`${text}\n`, { status });
