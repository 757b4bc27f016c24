/** Sends to a socket that may be closing. */
export function send(socket: WebSocket | undefined, text: string): void {
  try {
    socket?.send(text);
  } catch (error) {
    // It closed a moment ago and its close event is on the way, which takes the subscriber out.
    console.debug("a frame to a closing socket was dropped", error);
  }
}

/** Closes or answers a close, whatever the code: 1005 and 1006 are reported but may not be sent (InvalidAccessError). */
export function close(socket: WebSocket | undefined, code: number, reason: string): void {
  try {
    const sendable = code === 1000 || (code >= 1001 && code < 5000 && ![1004, 1005, 1006, 1015].includes(code));
    socket?.close(sendable ? code : 1000, truncate(reason, 123));
  } catch (error) {
    console.debug("a socket was closed already", error);
  }
}

/** A close reason takes at most 123 bytes. */
function truncate(reason: string, bytes: number): string {
  const encoded = new TextEncoder().encode(reason);
  return encoded.length <= bytes
    ? reason
    : new TextDecoder().decode(encoded.slice(0, bytes - 3)).replace(/\uFFFD+$/, "");
}
