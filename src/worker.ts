import { createWorker } from "./worker/create-worker.ts";

export type { Claims, Grant } from "./access/claims.ts";
export { DocumentObject } from "./document-object.ts";
export type { Ticket } from "./object/tickets.ts";
export type { Principal, Problem, Result, Role, User } from "./protocol/index.ts";
export { topic } from "./protocol/index.ts";
export type { Authorize, AuthorizeContext, Refusal } from "./worker/authorize.ts";
export { createWorker, type Documents, type DocumentWorker, type WorkerOptions } from "./worker/create-worker.ts";

export default createWorker();
