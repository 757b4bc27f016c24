import { DurableObject } from "cloudflare:workers";

/** One collaborative document. */
export class DocumentObject extends DurableObject {}
