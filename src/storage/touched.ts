import { keyOf, nodesOf, type Step as TextStep } from "../text/index.ts";
import type { Asked, NodeId } from "../tree/index.ts";

/** What an event has done to texts, as far as that matters here. */
interface Touching {
  readonly seq: number;
  readonly client: string | null;
  readonly steps: readonly TextStep[];
  readonly asked: Asked | undefined;
  /** It came to what its author has seen. */
  readonly isAsSeen: boolean;
}

/** Who has changed each text last, of the text events that are in memory. */
export interface Touched {
  note(event: Touching): void;
  letGo(event: Touching): void;
  /** Whether anybody but this client has changed a text after a seq, or anything was split from it or joined to it by anyone. */
  byOthers(id: NodeId, attr: string, since: number, client: string | null): boolean;
}

/** The last one, and the last before it of anybody else. What is no client's own is nobody's, as what moves from text to text. */
interface Last {
  seq: number;
  by: string | null;
  before: number;
}

export function createTouched(): Touched {
  const last = new Map<string, Last>();
  const touch = (key: string, seq: number, by: string | null) => {
    const known = last.get(key);
    if (!known) last.set(key, { seq, by, before: 0 });
    else {
      if (by === null || known.by !== by) known.before = known.seq;
      known.seq = seq;
      known.by = by;
    }
  };
  return {
    note(event) {
      const by = event.isAsSeen ? event.client : null;
      for (const step of stepsOf(event))
        for (const key of keysOf(step)) touch(key, event.seq, isMove(step) ? null : by);
    },
    letGo(event) {
      for (const step of stepsOf(event))
        for (const key of keysOf(step)) if (last.get(key)?.seq === event.seq) last.delete(key);
    },
    byOthers(id, attr, since, client) {
      const known = last.get(keyOf(id, attr));
      if (!known) return false;
      return (client !== null && known.by === client ? known.before : known.seq) > since;
    },
  };
}

/** What came of it, and what was asked for: that is what its author has seen. */
function stepsOf({ steps, asked }: Touching): readonly TextStep[] {
  return asked?.steps ? [...steps, ...asked.steps] : steps;
}

function isMove({ op }: TextStep): boolean {
  return op === "split" || op === "join";
}

/** The texts that others find changed by it. Marks change none. */
function keysOf(step: TextStep): readonly string[] {
  return step.op === "mark" ? [] : nodesOf(step).map((id) => keyOf(id, step.attr));
}
