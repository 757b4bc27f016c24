/**
 * The version of the wire. A server accepts MIN_PROTOCOL..PROTOCOL; a change that an older peer would misread raises
 * PROTOCOL, and a version that is dropped raises MIN_PROTOCOL. Adding fields and rejection codes needs neither: unknown
 * fields are ignored.
 *
 * 1 (2026-11): the first. It knows no effect `edit`: a text that somebody edits would be another one there from then on, or its client
 * would connect anew with each key that is pressed.
 * 2 (2026-11): texts. Whoever joins has to apply `edit`.
 */
export const PROTOCOL = 2;
export const MIN_PROTOCOL = 2;

/** What a WebSocket offers and the server takes, whatever version it then joins with: else a page would not hear why it may not. */
export const SUBPROTOCOL = "durable-grove.v1";
/** What it offers beside that instead of a header, which a browser's cannot set: this and the token. It is never taken. */
export const TOKEN_SUBPROTOCOL = "token.";
