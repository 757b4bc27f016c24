import { type DocumentOptions, failure, type Principal, success } from "../../src/protocol/index.ts";
import type { AuthorizeMutation } from "../../src/session.ts";
import { createSqliteTables, isStorageFull, type Tables } from "../../src/storage.ts";
import { createTestObject, type TestObject } from "../../src/testing/object.ts";
import { InjectedFault, openTestSql, type TestSql } from "../support/node-sqlite.ts";
import { withoutClock } from "../support/without-clock.ts";

export type { Socket } from "../../src/testing/sockets.ts";

/** An object whose clock stands still until it is moved, and whose storage can be told to fail. */
export interface TestServer extends TestObject {
  readonly sql: TestSql;
  /** Unix milliseconds, as the session is told. */
  now: number;
  /** Options of documents that are created without any. */
  defaults: Partial<DocumentOptions>;
  /** What each token says. */
  readonly tokens: Map<string, Principal>;
  /** Whether they can be verified. */
  keysAreThere: boolean;
  /** Whether those count for everybody, or only for who came by a token. */
  authenticates: boolean;
  /** What the application says to mutations, and what it has thrown. */
  authorizeMutation: AuthorizeMutation | null;
  readonly thrown: unknown[];
}

export function createServer(
  sql: TestSql = openTestSql(),
  documentId = "doc",
  tables: () => Tables = () => createSqliteTables(sql),
): TestServer {
  let ids = 0;
  const object = createTestObject({
    documentId,
    tables,
    newId: () => `id${ids++}`,
    now: () => server.now,
    defaults: () => server.defaults,
    authorizing: () => {
      const decide = server.authorizeMutation;
      return decide ? { decide, failed: (error) => void server.thrown.push(error) } : undefined;
    },
    get authenticates() {
      return server.authenticates;
    },
    authenticate(token) {
      if (!server.keysAreThere) return failure("unavailable", "there are no keys");
      const principal = server.tokens.get(token ?? "");
      return principal ? success(principal) : failure("unauthorised", "no token of ours");
    },
    isFault: (error) => error instanceof InjectedFault || isStorageFull(error),
    runPure: withoutClock,
  });
  const server: TestServer = Object.assign(object, {
    sql,
    now: 1_800_000_000_000,
    defaults: {},
    tokens: new Map(),
    keysAreThere: true,
    authenticates: true,
    authorizeMutation: null,
    thrown: [],
  });
  return server;
}
