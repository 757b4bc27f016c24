export { memory } from "../client/persistence.ts";
export { createMemoryTables, type Tables } from "../storage.ts";
export type { State, TestCalls } from "./calls.ts";
export type { Cut, Direction } from "./line.ts";
export type { Machine } from "./machine.ts";
export { createTestServer, type TestServer, type TestServerOptions } from "./server.ts";
