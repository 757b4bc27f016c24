import type { Meta, TreeEvent } from "../protocol/index.ts";
import { byText, composeApart } from "../text/index.ts";
import type { EditEffect } from "../tree/index.ts";

/** What a plain event has; one with more says something that nobody may miss. */
const PLAIN = ["seq", "time", "client", "mutation", "userId", "ops"].length;
const PLAIN_EDIT = ["op", "id", "attr", "changes"].length;

/**
 * Events that follow each other, for a client that has missed them: what others have typed in a row is one event, whose effects are what
 * that came to in each text. The client's own stay as they are, for they are answers; so does whatever is more than an edit.
 */
export function inRuns(events: readonly TreeEvent[], client: string): TreeEvent[] {
  const all: TreeEvent[] = [];
  let run: TreeEvent[] = [];
  const end = () => {
    all.push(...(run.length > 1 ? [together(run)] : run));
    run = [];
  };
  for (const event of events) {
    if (event.client !== client && isPlain(event)) {
      run.push(event);
      continue;
    }
    end();
    all.push(event);
  }
  end();
  return all;
}

function isPlain(event: TreeEvent): boolean {
  const fields = Object.keys(event).length - (isGroup(event.meta) ? 1 : 0);
  return fields === PLAIN && event.ops.every((effect) => isPlainEdit(effect));
}

/** What keys are undone together is their author's own affair. */
function isGroup(meta: Meta | undefined): boolean {
  return meta !== undefined && Object.keys(meta).join() === "group";
}

function isPlainEdit(effect: TreeEvent["ops"][number]): effect is EditEffect {
  return effect.op === "edit" && Object.keys(effect).length === PLAIN_EDIT;
}

function together(run: readonly TreeEvent[]): TreeEvent {
  const texts = byText(run.flatMap(({ ops }) => ops.filter(isPlainEdit)));
  const { seq, time } = run.at(-1) ?? { seq: 0, time: 0 };
  // One by one each of them would cost what all before it come to.
  const ops = texts.flatMap(({ id, attr, edits }) =>
    composeApart(edits).map((changes) => ({ op: "edit", id, attr, changes }) as const),
  );
  return { seq, first: run[0]?.seq, time, client: null, mutation: null, userId: null, ops };
}
