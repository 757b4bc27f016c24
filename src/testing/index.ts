export { memory } from "../client/keep/persistence.ts";
export { failure, type Principal, type Result, type Role, success } from "../protocol/index.ts";
export type { AuthorizeMutation, State } from "../session.ts";
export { createMemoryTables, type Tables } from "../storage.ts";
export type { TestCalls } from "./calls.ts";
export type { Cut, Direction } from "./line.ts";
export type { Machine } from "./machine.ts";
export { createTestServer, type TestServer, type TestServerOptions } from "./server.ts";
