import { CLOSES } from "./closes.ts";

interface ErrorKind {
  /** The HTTP status of a problem with this code. */
  readonly status: number;
  /** The WebSocket close code that follows an `error` with this code; null where the code only ever rejects. */
  readonly close: number | null;
  /** What a client has to do about it. */
  readonly duty: string;
}

/** The closed list of error codes: the same on the socket, over HTTP, over RPC and in docs/protocol.md. */
export const ERRORS = {
  invalid: {
    status: 400,
    close: CLOSES.invalid,
    duty: "Do not repeat it as it is; mend what the message names.",
  },
  notFound: {
    status: 404,
    close: CLOSES.notFound,
    duty: "The node, event or document is gone or never was: offer the work again elsewhere.",
  },
  exists: { status: 409, close: null, duty: "Choose another id or name, or move the node that has it." },
  root: { status: 409, close: null, duty: "The root neither moves nor goes; address its children." },
  cycle: {
    status: 409,
    close: null,
    duty: "It would stand in itself: show the tree as it is now; seq, client and userId say who moved first, if anybody did.",
  },
  removed: { status: 409, close: null, duty: "The parent was removed; choose another, or restore it by a move first." },
  unseen: { status: 409, close: null, duty: "Others put nodes inside; look at them and ask again with a newer base." },
  expired: {
    status: 410,
    close: null,
    duty: "The answer or the history asked for is no longer kept: read the tree anew; with base, send it again as it is in that, with its seq as base.",
  },
  tooLarge: { status: 413, close: CLOSES.tooLarge, duty: "Split it; limits are listed in docs/protocol.md." },
  full: {
    status: 507,
    close: null,
    duty: "Remove something, or keep less history; reading goes on.",
  },
  tooDeep: {
    status: 409,
    close: null,
    duty: "Put it higher up in the tree; docs/protocol.md says how deep one may be.",
  },
  rateLimited: {
    status: 429,
    close: CLOSES.rateLimited,
    duty: "Wait for as long as retryAfter says, then send it again, and what came after it.",
  },
  forbidden: { status: 403, close: CLOSES.forbidden, duty: "Do not reconnect with the same identity or client id." },
  unauthorised: { status: 401, close: CLOSES.unauthorised, duty: "Fetch a new token, then reconnect." },
  protocol: {
    status: 400,
    close: CLOSES.protocol,
    duty: "A bug in the client, or a version too old or new: do not reconnect unchanged.",
  },
  stopped: { status: 503, close: CLOSES.stopped, duty: "The document was stopped; reconnect when it is wanted again." },
  tooSlow: { status: 503, close: CLOSES.tooSlow, duty: "Reconnect with incarnation and seq; what was missed follows." },
  replaced: {
    status: 409,
    close: CLOSES.replaced,
    duty: "The same client has joined from elsewhere: do not reconnect.",
  },
  tooMany: { status: 429, close: CLOSES.tooMany, duty: "The document is full; reconnect after a while, with jitter." },
  unavailable: {
    status: 503,
    close: CLOSES.unavailable,
    duty: "A failure of the server; reconnect with backoff and send again what is unanswered.",
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** What went wrong, for whoever asked. `op` is the index of the operation at fault. */
export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly op?: number;
  /** The line at fault of an import, from 1. */
  readonly line?: number;
  /** Milliseconds, where waiting helps: before that it would be refused again. */
  readonly retryAfter?: number;
  /** For `expired`: it was not decided for its age alone; made of the tree at this seq, or a later one, it is. */
  readonly base?: number;
  /** What was sent behind it is passed over until its author says that he knows. */
  readonly holds?: true;
  /** For `cycle` and `removed`: the event that was first, and who made it. */
  readonly seq?: number;
  readonly client?: string | null;
  readonly userId?: string | null;
}

/** An answer or a problem, for calls whose failures are part of the contract. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

export function success<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function failure(
  code: ErrorCode,
  message: string,
  more: Omit<Problem, "code" | "message"> = {},
): {
  readonly ok: false;
  readonly problem: Problem;
} {
  return { ok: false, problem: { code, message, ...more } };
}

/** What comes next, where nothing has gone wrong. */
export function chain<T, U>(result: Result<T>, next: (value: T) => Result<U>): Result<U> {
  return result.ok ? next(result.value) : result;
}

/** A problem as the body of an HTTP answer, as RFC 9457 has it. */
export function problemText({ code, message, ...more }: Problem): string {
  const { status, duty } = ERRORS[code];
  return JSON.stringify({ title: duty, status, code, detail: message, ...more });
}
