export type Direction = "up" | "down";

/** Something under way. */
export interface Parcel {
  /** Its place among all that is under way on the server. */
  readonly order: number;
  arrive(): void;
}

/** How a connection is cut. */
export interface Cut {
  /** How much of what is under way to the server still arrives there, in parcels; the rest is lost. Default 0. */
  readonly up?: number;
  /** How much of what is under way to the client arrives there, at once; the rest is lost. Default 0. */
  readonly down?: number;
  /** The server does not notice, and hears nothing more, before `linger`. Default false. */
  readonly silent?: boolean;
}

/** What stands at the ends of a line. */
interface Ends {
  readonly documentId: string;
  /** Tells the client that the line broke. */
  broken(): void;
  /** Tells the server that the client is gone. */
  ended(): void;
}

/**
 * A connection or a request: two queues. As with TCP, what is lost takes all that follows along. `cut`: the client is
 * gone, what it has sent still arrives; `silent`: the same, when it is told to.
 */
export interface Line {
  readonly state: "open" | "cut" | "silent" | "over";
  readonly documentId: string;
  /** Puts something on its way; false, and it is lost, where the line is not open any more. */
  send(direction: Direction, arrive: () => void): boolean;
  /** The parcel that arrives next in a direction. */
  first(direction: Direction): Parcel | undefined;
  /** Lets it arrive; false if there is none. */
  advance(direction: Direction): boolean;
  /** The client hangs up, and hears nothing more. */
  hangUp(silent?: boolean): void;
  /** The connection breaks; the client is told. */
  cut(cut: Cut): void;
  /** The server's end is lost with all that is under way, if it was reached yet; the client has yet to hear of it. */
  lose(): void;
  /** It is over for both sides. */
  finish(): void;
}

export function createLine(nextOrder: () => number, { documentId, broken, ended }: Ends): Line {
  const queues: Record<Direction, Parcel[]> = { up: [], down: [] };
  let state: Line["state"] = "open";
  let reached = false;
  const put = (direction: Direction, arrive: () => void) => queues[direction].push({ order: nextOrder(), arrive });
  const line: Line = {
    get state() {
      return state;
    },
    documentId,
    send(direction, arrive) {
      if (state !== "open") return false;
      put(direction, arrive);
      return true;
    },
    first: (direction) => queues[direction][0],
    advance(direction) {
      const parcel = queues[direction].shift();
      if (!parcel) return false;
      if (direction === "up") reached = true;
      parcel.arrive();
      return true;
    },
    hangUp(silent = false) {
      if (state !== "open") return;
      state = silent ? "silent" : "cut";
      queues.down = [];
      put("up", () => {
        line.finish();
        ended();
      });
    },
    cut({ up = 0, down = 0, silent = false }) {
      const kept = queues.up.slice(0, up);
      for (let left = down; left > 0 && state === "open"; left--) if (!line.advance("down")) break;
      // The last that arrived may have been its end.
      if (state !== "open") return;
      queues.up = kept;
      line.hangUp(silent);
      broken();
    },
    lose() {
      if (!reached) return;
      if (state !== "open") return line.finish();
      queues.down = [];
      put("down", () => {
        line.finish();
        broken();
      });
    },
    finish() {
      state = "over";
      queues.up = [];
      queues.down = [];
    },
  };
  return line;
}
