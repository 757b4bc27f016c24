import type { Problem } from "./errors.ts";
import type { ClientMessage, Principal, Role } from "./messages.ts";

/** One thing that may be asked of a document: who may, and by which ways. */
interface Right {
  /** The least role that may. */
  readonly role: Role;
  /** The HTTP route. */
  readonly route?: `${"GET" | "PUT" | "PATCH" | "POST" | "DELETE"} /documents/:id${string}`;
  /** The method of the object that another Worker calls. */
  readonly call?: string;
  /** The message of a subscriber. */
  readonly message?: ClientMessage["type"];
}

/** What each role may do: the one table, of which docs/protocol.md has a copy. A right without a way of its own comes with others. */
export const RIGHTS = {
  info: { role: "read", route: "GET /documents/:id", call: "info" },
  tree: { role: "read", route: "GET /documents/:id/tree", call: "getState" },
  history: { role: "read", route: "GET /documents/:id/history", call: "history" },
  /** Over HTTP it is the same with `by=session`. */
  historySessions: { role: "read", call: "historySessions" },
  diff: { role: "read", route: "GET /documents/:id/diff", call: "diff" },
  blame: { role: "read", route: "GET /documents/:id/blame", call: "blame" },
  bin: { role: "read", route: "GET /documents/:id/bin", call: "bin" },
  export: { role: "read", route: "GET /documents/:id/export", call: "export" },
  /** Also what makes the other document has to be allowed there. */
  fork: { role: "read", route: "POST /documents/:id/fork", call: "fork" },
  /** An export, or a fork, with all of the history, and an import of that: it says who has done what. */
  backup: { role: "admin" },
  join: { role: "read", call: "join", message: "join" },
  ticket: { role: "read", call: "issueTicket" },
  presence: { role: "read", message: "presence" },
  sync: { role: "read", message: "sync" },
  auth: { role: "read", message: "auth" },
  leave: { role: "read", message: "leave" },
  /** Also where it is by a `join` that the document is made. */
  create: { role: "write", route: "PUT /documents/:id", call: "getOrStart" },
  mutate: { role: "write", route: "POST /documents/:id/mutations", call: "mutate", message: "mutate" },
  /** By a mutation, as anyone may make who may write. */
  restore: { role: "write", route: "POST /documents/:id/restore", call: "restore" },
  /** What another did takes `admin`. */
  undo: { role: "write", route: "POST /documents/:id/undo", call: "undo" },
  versions: { role: "read", route: "GET /documents/:id/versions", call: "versions" },
  nameVersion: { role: "write", route: "POST /documents/:id/versions", call: "nameVersion" },
  /** Those of others are an admin's. */
  renameVersion: { role: "write", route: "PATCH /documents/:id/versions/:version", call: "renameVersion" },
  deleteVersion: { role: "write", route: "DELETE /documents/:id/versions/:version", call: "deleteVersion" },
  /** Options in a creation. */
  options: { role: "admin" },
  configure: { role: "admin", route: "PATCH /documents/:id", call: "configure" },
  import: { role: "write", route: "POST /documents/:id/import", call: "import" },
  revoke: { role: "admin", route: "POST /documents/:id/revoke", call: "revoke" },
  stop: { role: "admin", route: "POST /documents/:id/stop", call: "stop" },
  destroy: { role: "admin", route: "DELETE /documents/:id", call: "destroy" },
} as const satisfies Record<string, Right>;

export type Deed = keyof typeof RIGHTS;

/** What there is a route for. */
export type Routed = { [Name in Deed]: (typeof RIGHTS)[Name] extends { route: string } ? Name : never }[Deed];

const RANKS = { read: 1, write: 2, admin: 3 } as const satisfies Record<Role, number>;

/** Whether a role may do what another may. */
export function reaches(role: Role, least: Role): boolean {
  return RANKS[role] >= RANKS[least];
}

export function lesser(role: Role, most: Role): Role {
  return reaches(role, most) ? most : role;
}

/** Whether what a principal was given is over. */
export function isExpired({ expires }: Principal, now: number): boolean {
  return expires !== undefined && expires <= now;
}

export const EXPIRED: Problem = { code: "unauthorised", message: "token expired" };

/** Decides whether a principal may do something; says why not. Asked for HTTP, RPC and messages alike. */
export function decides(principal: Principal, deed: Deed, now: number): Problem | null {
  if (isExpired(principal, now)) return EXPIRED;
  const { role } = RIGHTS[deed];
  if (reaches(principal.role, role)) return null;
  return { code: "forbidden", message: `${deed} takes the role ${role}, and this is ${principal.role}` };
}
