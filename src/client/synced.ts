import type { TreeDocument } from "./document.ts";

/** Resolves when nothing of a document is pending; rejects when it is closed before, by whomever. */
export function synced(document: TreeDocument): Promise<void> {
  return new Promise((resolve, reject) => {
    const offs = [document.on("pending", check), document.on("status", check)];
    function check() {
      if ((document.client === null || document.pending > 0) && document.status.state !== "closed") return;
      for (const off of offs) off();
      if (document.pending === 0) resolve();
      else reject(new Error(`closed with ${document.pending} mutations unanswered`));
    }
    check();
  });
}
