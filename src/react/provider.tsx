"use client";

import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import type { OpenOptions, TreeDocument } from "../client/index.ts";
import { createHeld } from "./held.ts";

/** Either a document to open, or one that is open. */
export type DocumentProviderProps = OpenedProps | GivenProps;

interface OpenedProps {
  /** As `openDocument` takes it. Another url is another document; the one before is closed. */
  readonly url: string;
  /** Read when the url changes, but for `token`: the latest one is used at each connection. */
  readonly options?: OpenOptions | undefined;
  readonly document?: undefined;
  readonly children?: ReactNode;
}

interface GivenProps {
  /** A document of one's own. It is neither connected nor closed here. */
  readonly document: TreeDocument;
  readonly url?: undefined;
  readonly options?: undefined;
  readonly children?: ReactNode;
}

const DocumentContext = createContext<TreeDocument | null>(null);

/**
 * Gives a document to the components below. It connects once it is mounted, never on a server, and closes after it is
 * unmounted: what has not been sent by then is lost, unless `options.persist` keeps it.
 */
export function DocumentProvider({ url, options, document, children }: DocumentProviderProps): ReactNode {
  if (document) return <DocumentContext.Provider value={document}>{children}</DocumentContext.Provider>;
  if (url === undefined) throw new Error("DocumentProvider needs a url, or a document");
  return (
    <Opened url={url} options={options}>
      {children}
    </Opened>
  );
}

function Opened({ url, options = {}, children }: Omit<OpenedProps, "document">): ReactNode {
  const token = useRef(options.token);
  const [held, setHeld] = useState(() => createHeld(url, options, () => token.current));
  // Set while rendering, not in an effect: no child is ever rendered with the document of the url before.
  if (held.url !== url) setHeld(createHeld(url, options, () => token.current));
  useEffect(() => {
    token.current = options.token;
  }, [options.token]);
  useEffect(() => {
    if (!held.over) return held.hold();
    // It was hidden for a while, as by <Activity>, and is shown again.
    setHeld(held.again());
    return undefined;
  }, [held]);
  return <DocumentContext.Provider value={held.document}>{children}</DocumentContext.Provider>;
}

/** The document of the nearest `DocumentProvider`. Reading from it does not make a component render again. */
export function useDocument(): TreeDocument {
  const document = useContext(DocumentContext);
  if (!document) throw new Error("There is no document here: put a <DocumentProvider url={…}> around this component.");
  return document;
}
