import { newId } from "durable-grove/client";
import { useSyncExternalStore } from "react";

/** The document that the address names behind its `#`; without one it gets a new one, to be shared by its address. */
export function useDocumentId(): string {
  return useSyncExternalStore(subscribe, read);
}

function subscribe(changed: () => void): () => void {
  addEventListener("hashchange", changed);
  return () => removeEventListener("hashchange", changed);
}

function read(): string {
  const id = location.hash.slice(1, 129).replace(/[^A-Za-z0-9._~:-]/g, "-") || newId();
  // Tells nobody, so reading twice gives the same.
  if (location.hash !== `#${id}`) history.replaceState(null, "", `#${id}`);
  return id;
}
