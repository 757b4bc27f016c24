import { applyChanges, type Changes, keyOf, nodesOf, type Step } from "../../text/index.ts";
import type { NodeId } from "../../tree/index.ts";

/** Texts as steps change them, one after the other. */
export interface Running {
  /** Undefined where it is not known. */
  get(id: NodeId, attr: string): string | undefined;
  set(id: NodeId, attr: string, text: string | undefined): void;
  /** The changes of this text that a step is; undefined where they are not known. */
  changesOf(step: Step, id: NodeId, attr: string): Changes | undefined;
  apply(step: Step): void;
}

export function createRunning(read: (id: NodeId, attr: string) => string | undefined): Running {
  const texts = new Map<string, string | undefined>();
  const running: Running = {
    get(id, attr) {
      const key = keyOf(id, attr);
      return texts.has(key) ? texts.get(key) : read(id, attr);
    },
    set: (id, attr, text) => void texts.set(keyOf(id, attr), text),
    changesOf(step, id, attr) {
      if (step.attr !== attr || step.op === "mark") return [];
      const from = running.get(step.id, attr);
      const own = step.id === id;
      if (step.op === "edit") return own ? step.changes : [];
      if (step.op === "split") {
        const moved = step.head ? from?.slice(0, step.at) : from?.slice(step.at);
        if (step.node === id) return moved === undefined ? undefined : [step.onto ?? 0, moved];
        if (!own) return [];
        return step.head ? [-step.at] : [step.at, step.at - step.length];
      }
      if (own) return [-step.length];
      if (step.into !== id) return [];
      return from === undefined ? undefined : [step.at, from];
    },
    apply(step) {
      if (step.op === "mark") return;
      const next = nodesOf(step).map((id) => {
        const [text, changes] = [running.get(id, step.attr), running.changesOf(step, id, step.attr)];
        // The row of a split that is not known is new.
        const old = text ?? (step.op === "split" && step.node === id && !step.onto ? "" : undefined);
        return [id, old === undefined || !changes ? undefined : applyChanges(old, changes)] as const;
      });
      for (const [id, text] of next) running.set(id, step.attr, text);
    },
  };
  return running;
}
