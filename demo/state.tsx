import { useDocument, useStatus } from "durable-grove/react";
import { changes } from "./words.ts";

/** How the connection is, and what waits for it. */
export function State() {
  const doc = useDocument();
  const { state, reason, pending } = useStatus();
  const waiting = pending === 0 ? "" : ` – ${changes(pending)} not sent yet`;
  const texts = {
    connecting: ["Connecting…", waiting],
    live: ["Connected", ""],
    // Not only the network: a deployment that nobody has opened yet says how to.
    offline: ["Offline: ", `${reason?.message ?? "no connection"}${waiting || " – what you write is sent later"}`],
    closed: ["Closed: ", `${reason?.message ?? "for good"}${waiting}.`],
  };
  const [word, more] = texts[state];
  return (
    <span>
      <span id="state" role="status" data-state={state}>
        {word}
        {more && <small>{more}</small>}
      </span>
      {state === "live" && pending > 0 && <span className="saving">, saving {changes(pending)}…</span>}
      {state === "closed" && (
        <button type="button" onClick={() => doc.connect()}>
          Connect again
        </button>
      )}
    </span>
  );
}
