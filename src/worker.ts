import { createWorker } from "./worker/create-worker.ts";

export type { Authenticate } from "./access/authenticate.ts";
export type { Claims, Grant } from "./access/claims.ts";
export {
  type AuthorizeMutation,
  createDocumentObject,
  DocumentObject,
  type DocumentObjectSettings,
  type MutationRequest,
  type MutationVerdict,
  type SeenNode,
  type TouchedNode,
} from "./document-object.ts";
export type { Ticket } from "./object/tickets.ts";
export type { Principal, Problem, Result, Role, User } from "./protocol/index.ts";
export { topic } from "./protocol/index.ts";
export type { Authorize, AuthorizeContext, Refusal } from "./worker/authorize.ts";
export { createWorker, type Documents, type DocumentWorker, type WorkerOptions } from "./worker/create-worker.ts";

export default createWorker();
