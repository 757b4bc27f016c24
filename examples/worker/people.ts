import type { Role, User } from "durable-grove";

// Who somebody is, and what he may do: two questions to this application's own database.

const DAY = 24 * 3_600_000;

/** A key against a session: a cookie, which a browser sends with requests and with WebSockets alike. */
export async function logIn(request: Request, db: D1Database): Promise<Response> {
  const user = await db
    .prepare("SELECT id FROM users WHERE key = ?")
    .bind(await hashOf(await request.text()))
    .first<{ id: string }>();
  if (!user) return new Response("nobody has that key\n", { status: 401 });
  const session = crypto.randomUUID();
  await db
    .prepare("INSERT INTO sessions VALUES (?, ?, ?)")
    .bind(await hashOf(session), user.id, Date.now() + DAY)
    .run();
  // Strict: pages of other sites do not send it. HttpOnly: scripts do not read it.
  const cookie = `session=${session}; Path=/; Max-Age=${DAY / 1_000}; HttpOnly; Secure; SameSite=Strict`;
  return new Response("welcome\n", { headers: { "set-cookie": cookie } });
}

/** Who makes a request, and until when he is logged in; null: nobody who is. */
export async function loginOf(request: Request, db: D1Database): Promise<{ user: User; expires: number } | null> {
  const session = /(?:^|; )session=([^;]+)/.exec(request.headers.get("cookie") ?? "")?.[1];
  if (session === undefined) return null;
  const found = db.prepare(
    "SELECT users.id, users.name, expires FROM sessions JOIN users ON users.id = sessions.user WHERE sessions.id = ? AND expires > ?",
  );
  const row = await found
    .bind(await hashOf(session), Date.now())
    .first<{ id: string; name: string; expires: number }>();
  return row && { user: { id: row.id, name: row.name }, expires: row.expires };
}

/** What somebody may do in an outline; null: nothing. */
export async function roleOf(user: User, outline: string, db: D1Database): Promise<Role | null> {
  const found = db.prepare("SELECT role FROM members WHERE outline = ? AND user = ?").bind(outline, user.id);
  const member = await found.first<{ role: string }>();
  return member && isRole(member.role) ? member.role : null;
}

export async function setRole(user: string, outline: string, role: Role, db: D1Database): Promise<void> {
  await db.prepare("INSERT OR REPLACE INTO members VALUES (?, ?, ?)").bind(outline, user, role).run();
}

export async function removeMember(user: string, outline: string, db: D1Database): Promise<void> {
  await db.prepare("DELETE FROM members WHERE outline = ? AND user = ?").bind(outline, user).run();
}

export function isRole(text: string): text is Role {
  return text === "read" || text === "write" || text === "admin";
}

async function hashOf(secret: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
