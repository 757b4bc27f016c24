/** Notes in the log what has failed, and how; not where in the code, as a log may be read by others. */
export function noteFailure(what: string, error: unknown): void {
  console.error(`${what}: ${messageOf(error)}`);
}

/** The same without its message, where that may say a secret. */
export function noteFailureAlone(what: string, error: unknown): void {
  console.error(`${what}: ${error instanceof Error ? error.name : typeof error}`);
}

/** The same of what happens all the time, because a peer is gone. */
export function noteLoss(what: string, error: unknown): void {
  console.debug(`${what}: ${messageOf(error)}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : typeof error;
}
