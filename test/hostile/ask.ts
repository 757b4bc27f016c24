import { once } from "node:events";
import { connect } from "node:net";

/** What came back: a character for each byte, or nothing where the server just closed. */
export interface Told {
  readonly text: string;
  /** Whether the server had said all by itself within the time it has. */
  readonly ended: boolean;
}

/** Longer than anything takes that is whole; what is not whole is waited for by the server for 30 s. */
const PATIENCE = 20_000;
/** Nothing more comes for who has been told something. */
const QUIET = 200;

/** Sends bytes, whatever they are, and reads until the other end closes. */
export async function ask(port: number, bytes: Buffer, isWhole: boolean): Promise<Told> {
  const socket = connect(port, "127.0.0.1");
  const parts: Buffer[] = [];
  let ended = false;
  socket.setTimeout(isWhole ? PATIENCE : QUIET);
  socket.on("data", (part) => parts.push(part));
  socket.on("end", () => (ended = true));
  socket.on("timeout", () => socket.destroy());
  // A server may hang up on what it does not want to read.
  socket.on("error", () => (ended = true));
  const closed = once(socket, "close");
  socket.write(bytes);
  await closed;
  return { text: Buffer.concat(parts).toString("latin1"), ended };
}
