import { CLOSES, type ClosingCode, type ErrorCode, type Problem, type ServerMessage } from "../../protocol/index.ts";
import type { Address } from "./address.ts";
import type { Connection, ConnectionEvents } from "./platform.ts";
import { ProblemError } from "./problem-error.ts";

/**
 * `connecting`: for the first time, or asked to. `live`: everything there was when it joined has arrived, and what is
 * pending is under way. `offline`: not connected; it goes on trying. `closed`: for good, or until `connect` is called.
 */
export interface Status {
  readonly state: "connecting" | "live" | "offline" | "closed";
  /** Why it is not live; null where there is nothing to say. */
  readonly reason: Problem | null;
}

/** What a link is to. */
export interface LinkSetup {
  readonly address: Address;
  /** The text of the `join`. */
  readonly join: () => string;
  /** What it throws ends the connection; the next one is to begin from a snapshot. */
  readonly hear: (message: ServerMessage) => void;
  readonly failed: (error: unknown) => void;
  /** A connection is gone, or was given up; it need not have been live. */
  readonly lost: () => void;
  readonly changed: (status: Status) => void;
}

/** A connection that comes back: dials, joins, pings, notices silence, waits, and dials again. */
export interface Link {
  readonly status: Status;
  /** Now, whatever it was waiting for. */
  connect(): void;
  /** The client has caught up. */
  live(): void;
  send(text: string): void;
  /** It ends as if the server had said why. */
  end(reason: Problem): void;
  /** For good. */
  close(): void;
}

interface Attempt {
  connection: Connection | null;
  timer: () => void;
  renewal: () => void;
  heard: boolean;
  open: boolean;
}

/** Milliseconds. A `ping` is answered without waking the object; one that is not answered by the next means that nobody is there. */
const PING_EVERY = 25_000;
/** From asking for a token to the welcome. */
const PATIENCE = 15_000;
/** The wait before another attempt is chance, up to a bound that doubles: everyone is cut off at the same moment when a server restarts. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
/** A new token is sent so long before the old one is over, or after half of the time that is left, but not sooner than this. */
const RENEW_BEFORE = 30_000;
const RENEW_AT_LEAST = 5_000;
/** A timer of the web that is to wait for more than twice as long goes off at once. */
const LONGEST_TIMER = 1e9;
/** Live for so long, it counts as a success. */
const STEADY = 5_000;

/**
 * A `join` of one's own that was given up may still arrive, after the one that took its place, and replace it. So often
 * in a row it is tried again; two pages that really are one client end it then.
 */
const GHOSTS = 3;

/** With these codes connecting again by itself would only be refused, or take the place of another. */
const FINAL: readonly string[] = [
  "forbidden",
  "notFound",
  "replaced",
  "protocol",
  "tooLarge",
  "invalid",
] satisfies ClosingCode[];

export function createLink(setup: LinkSetup): Link {
  const { address, join, hear, failed, lost, changed } = setup;
  const { platform, url, token, ticket } = address;
  let status: Status = { state: "connecting", reason: null };
  /** The attempt that counts. Whatever an earlier one still says is not heard. */
  let current: Attempt | null = null;
  let cancelRetry = () => {};
  let failures = 0;
  let replaced = 0;
  let cancelSteady = () => {};
  let unwatch = () => {};
  /** Closed for good. Whoever listens may do that in the middle of anything. */
  let over = false;

  const become = (state: Status["state"], reason: Problem | null = null) => {
    if (over || (status.state === state && status.reason?.message === reason?.message)) return;
    status = { state, reason };
    changed(status);
  };
  /** Lets go of the attempt that counts; nothing that it says from now on is heard. */
  const letGo = () => {
    const left = current;
    current = null;
    cancelRetry();
    cancelSteady();
    if (!left) return;
    left.timer();
    left.renewal();
    left.connection?.close(1000, "");
    lost();
  };
  const retry = (reason: Problem) => {
    letGo();
    const wait = platform.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** failures++) + (reason.retryAfter ?? 0);
    cancelRetry = platform.after(wait, attempt);
    become("offline", reason);
  };
  const giveUp = (message: string) => retry(unavailable(message));
  const end = (reason: Problem | null) => {
    letGo();
    unwatch();
    unwatch = () => {};
    become("closed", reason);
  };

  /** The server does not let it in, or no further. */
  const refused = (problem: Problem) => {
    // With the same token it would be refused again.
    const isSame = problem.code === "unauthorised" && typeof token() !== "function";
    const ghost = problem.code === "replaced" && replaced++ < GHOSTS;
    if (isSame || (FINAL.includes(problem.code) && !ghost)) end(problem);
    else retry(problem);
  };

  const attempt = () => {
    letGo();
    if (over) return;
    const mine: Attempt = { connection: null, timer: () => {}, renewal: () => {}, heard: true, open: false };
    current = mine;
    // It begins with the token, which may not come either.
    mine.timer = platform.after(PATIENCE, () => giveUp("no answer came"));
    const source = token();
    // Not awaited where it is there: the first attempt must not be later than the document's first event.
    if (typeof source !== "function" && !ticket) return dial(mine, source, url);
    fetchToken(
      mine,
      async (fetched) => dial(mine, fetched, ticket ? await ticket(platform, url, fetched) : url),
      refused,
    );
  };
  const fetchToken = async (
    mine: Attempt,
    use: (fetched: string | undefined) => unknown,
    missing: (reason: Problem) => void,
  ) => {
    try {
      // Whoever opens a document has it before its token is asked for.
      await null;
      const source = token();
      const fetched = await (typeof source === "function" ? source() : source);
      if (source && typeof fetched !== "string") throw new Error(`it is ${fetched}`);
      if (current === mine) await use(fetched);
    } catch (error) {
      if (current !== mine) return;
      failed(error);
      missing(error instanceof ProblemError ? error.problem : unavailable(`there is no token: ${error}`));
    }
  };
  /** Sends a new token before the one that counts is over, in so many milliseconds. */
  const renew = (mine: Attempt, left: number) => {
    const wait = Math.max(RENEW_AT_LEAST, left / 2, left - RENEW_BEFORE);
    mine.renewal();
    mine.renewal = platform.after(Math.min(wait, LONGEST_TIMER), () =>
      fetchToken(
        mine,
        (fetched) => mine.connection?.send(JSON.stringify({ type: "auth", token: fetched })),
        () => renew(mine, 0),
      ),
    );
  };

  const dial = (mine: Attempt, withToken: string | undefined, target: string) => {
    let last: Problem | undefined;
    const isCurrent = () => current === mine;
    if (!isCurrent()) return;
    const ping = () => {
      if (!mine.heard) return giveUp("no answer came");
      mine.heard = false;
      mine.connection?.send("ping");
      mine.timer = platform.after(PING_EVERY, ping);
    };
    const events: ConnectionEvents = {
      opened() {
        if (!isCurrent()) return;
        mine.open = true;
        mine.connection?.send(join());
      },
      received(text) {
        if (!isCurrent()) return;
        mine.heard = true;
        if (text === "pong") return;
        try {
          const message: ServerMessage = JSON.parse(text);
          if (message.type === "error") last = { code: message.code, message: message.message };
          if (message.type === "welcome") {
            mine.timer();
            // At once: whose line dies before its first ping would be taken for one that never pings.
            ping();
          }
          if ("expires" in message && message.expires && typeof token() === "function") {
            renew(mine, message.expires - (message.time ?? 0));
          }
          hear(message);
        } catch (error) {
          failed(error);
          if (isCurrent()) giveUp(`it does not fit: ${error}`);
        }
      },
      closed(code, reason) {
        if (!isCurrent()) return;
        refused(last ?? { code: codeOf(code), message: reason || "there is no connection" });
      },
    };
    try {
      mine.connection = platform.connect(target, events, ticket ? undefined : withToken);
    } catch (error) {
      // No such address, or nothing here to connect with: it would be the same again.
      failed(error);
      end({ code: "invalid", message: String(error) });
    }
  };

  return {
    get status() {
      return status;
    },
    connect() {
      unwatch();
      unwatch = platform.watchOnline((online) => {
        if (online && status.state === "offline") attempt();
        if (!online && status.state !== "closed") {
          letGo();
          become("offline", unavailable("there is no connection"));
        }
      });
      failures = 0;
      become("connecting");
      attempt();
    },
    live() {
      cancelSteady = platform.after(STEADY, () => {
        failures = 0;
        replaced = 0;
      });
      become("live");
    },
    send(text) {
      if (current?.open) current.connection?.send(text);
    },
    end,
    close() {
      if (current?.open) current.connection?.send('{"type":"leave"}');
      end(null);
      over = true;
    },
  };
}

const unavailable = (message: string): Problem => ({ code: "unavailable", message });

/** The code that a close means which no `error` came before. */
function codeOf(close: number): ErrorCode {
  const means = (code: string): code is ClosingCode => Reflect.get(CLOSES, code) === close;
  return Object.keys(CLOSES).find(means) ?? "unavailable";
}
