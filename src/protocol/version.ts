/**
 * The version of the wire. A server accepts MIN_PROTOCOL..PROTOCOL; a change that an older peer would misread raises
 * PROTOCOL, and a version that is dropped raises MIN_PROTOCOL. Adding fields and rejection codes needs neither: unknown
 * fields are ignored.
 *
 * 1 (2026-11): the first.
 */
export const PROTOCOL = 1;
export const MIN_PROTOCOL = 1;

/** What a WebSocket offers and the server takes. */
export const SUBPROTOCOL = "durable-grove.v1";
/** What it offers beside that instead of a header, which a browser's cannot set: this and the token. It is never taken. */
export const TOKEN_SUBPROTOCOL = "token.";
