/** Everything a client needs of the machine it runs on. `durable-grove/testing` brings one that is a simulation. */
export interface Platform {
  /**
   * Begins to connect, offering the token as a subprotocol (docs/protocol.md, section 1). The events come later, never before this
   * returns; after `closed` there are no more.
   */
  connect(url: string, events: ConnectionEvents, token?: string): Connection;
  /** An HTTP request. Resolves with whatever was answered; rejects when nothing was. */
  request(method: Method, url: string, options: RequestOptions): Promise<Answer>;
  /** Calls back once, after at least so many milliseconds; what it returns calls that off. */
  after(milliseconds: number, call: () => void): () => void;
  /** At least 0, less than 1. */
  random(): number;
  newId(): string;
  /** Calls back whenever the machine comes to believe that it is online, or offline; what it returns ends that. */
  watchOnline(call: (online: boolean) => void): () => void;
  /** An error that somebody's listener threw. It must neither be lost nor stop the client. */
  report(error: unknown): void;
}

export interface ConnectionEvents {
  opened(): void;
  received(text: string): void;
  /** It is over, or never came about. The code is that of a WebSocket's close event. */
  closed(code: number, reason: string): void;
}

export interface Connection {
  /** Only between `opened` and `closed`; what is sent on a connection that is closing is lost. */
  send(text: string): void;
  /** `closed` need not be called after this. */
  close(code: number, reason: string): void;
}

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

export interface RequestOptions {
  /** Goes into `authorization: Bearer`. */
  readonly token?: string | undefined;
  /** JSON. */
  readonly body?: string | undefined;
  /** Calls it off: then it rejects. */
  readonly signal?: Signal | undefined;
}

/** As much of an AbortSignal as is asked of it where there may be none. */
export interface Signal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void): void;
}

export interface Answer {
  readonly status: number;
  /** The body. */
  readonly text: string;
}
