"use client";

import { createContext, type ReactNode, useContext } from "react";
import type { PastDocument } from "../history/index.ts";

const PastContext = createContext<PastDocument | null>(null);

export interface PastProviderProps {
  readonly past: PastDocument;
  readonly children?: ReactNode;
}

/** Lets `useNode` and `useChildren` below read a document as it was at a moment; all other hooks go on with the one that is open. */
export function PastProvider({ past, children }: PastProviderProps): ReactNode {
  return <PastContext.Provider value={past}>{children}</PastContext.Provider>;
}

/** The moment that is read here; null where it is the open document. */
export function usePast(): PastDocument | null {
  return useContext(PastContext);
}
