import { useDocument, useStatus } from "durable-grove/react";
import { changes } from "./words.ts";

/** How the connection is, and what waits for it. */
export function State() {
  const doc = useDocument();
  const { state, reason, pending } = useStatus();
  const kept = pending === 0 ? "" : ` – ${changes(pending)} kept here`;
  const texts = {
    connecting: `Connecting…${kept}`,
    live: "Connected",
    offline: `Offline${kept || " – what you write is kept here"}`,
    closed: `Closed: ${reason?.message ?? "for good"}${kept}.`,
  };
  return (
    <span>
      <span id="state" role="status" data-state={state}>
        {texts[state]}
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
