// Everything of `durable-grove/react` on one page, for react.test.ts, which drives it by `grove`.

import { Activity, memo, type ReactNode, StrictMode, useEffect } from "react";
import { flushSync } from "react-dom";
import { createRoot, hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { openDocument } from "../../../../src/client/index.ts";
import {
  DocumentProvider,
  PastProvider,
  type TreeDocument,
  useChildren,
  useDocument,
  useDocumentAt,
  useHistory,
  useNode,
  usePresence,
  useRole,
  useStatus,
  useUndo,
} from "../../../../src/react/index.ts";

interface Shown {
  readonly url: string;
  readonly token?: string;
  readonly strict?: boolean;
  readonly hidden?: boolean;
  /** A moment that is shown as well. */
  readonly at?: number;
}

/** How often each component was rendered. */
const renders: Record<string, number> = {};
/** What components have shown, each time. */
const shown: string[] = [];

function count(component: string): void {
  renders[component] = (renders[component] ?? 0) + 1;
}

const Row = memo(function Row({ id }: { id: string }): ReactNode {
  count(`row ${id}`);
  return <li id={id}>{String(useNode(id)?.attrs.text)}</li>;
});

function List(): ReactNode {
  count("list");
  return (
    <ul>
      {useChildren().map((id) => (
        <Row key={id} id={id} />
      ))}
    </ul>
  );
}

function Title(): ReactNode {
  count("title");
  const text = String(useNode()?.attrs.text ?? "nothing");
  shown.push(`${useDocument().url.split("/").at(-1)}: ${text}`);
  return <h1>{text}</h1>;
}

/** Reads a node by an id that it knows before the document has arrived. */
const First = memo(function First(): ReactNode {
  count("first");
  return <p id="first">{String(useNode("n0")?.attrs.text ?? "nothing")}</p>;
});

const State = memo(function State(): ReactNode {
  count("state");
  const { state, pending } = useStatus();
  shown.push(`${state} ${pending}`);
  return <output>{`${state} ${pending}`}</output>;
});

const Rights = memo(function Rights(): ReactNode {
  count("rights");
  return <p id="role">{useRole() ?? "nobody knows"}</p>;
});

const People = memo(function People(): ReactNode {
  count("people");
  return <p id="people">{JSON.stringify(usePresence().others.map(({ data }) => data))}</p>;
});

const History = memo(function History(): ReactNode {
  count("history");
  const { undo, redo, canUndo, canRedo } = useUndo();
  return (
    <>
      <button id="undo" type="button" disabled={!canUndo} onClick={undo}>
        Undo
      </button>
      <button id="redo" type="button" disabled={!canRedo} onClick={redo}>
        Redo
      </button>
    </>
  );
});

/** The seqs that it knows, and what is read by the same hooks as it was. */
function Then({ at }: { readonly at: number }): ReactNode {
  const { entries } = useHistory({ limit: 2 });
  const { past, error } = useDocumentAt(at);
  return (
    <p id="then">
      {entries.map(({ seq }) => seq).join()} {error?.problem.code}
      {past && (
        <PastProvider past={past}>
          <Was />
        </PastProvider>
      )}
    </p>
  );
}

function Was(): ReactNode {
  const first = useNode("n0");
  return ` ${useNode()?.attrs.text}: ${useChildren().length}, ${first?.attrs.text}`;
}

/** Gives the document to the test. */
const Handle = memo(function Handle(): null {
  const doc = useDocument();
  const { set } = usePresence();
  useEffect(() => {
    grove.doc = doc;
    grove.present = set;
  }, [doc, set]);
  return null;
});

const root = createRoot(document.body.appendChild(document.createElement("main")));

function show({ url, token, strict = false, hidden = false, at }: Shown): void {
  const page = (
    <Activity mode={hidden ? "hidden" : "visible"}>
      <DocumentProvider url={url} options={{ token: token === undefined ? undefined : () => token }}>
        <Handle />
        <Title />
        <First />
        <State />
        <Rights />
        <People />
        <History />
        <List />
        {at !== undefined && <Then at={at} />}
      </DocumentProvider>
    </Activity>
  );
  flushSync(() => root.render(strict ? <StrictMode>{page}</StrictMode> : page));
}

function given(document: TreeDocument): ReactNode {
  return (
    <DocumentProvider document={document}>
      <Handle />
      <Title />
      <List />
    </DocumentProvider>
  );
}

function showGiven(url: string): void {
  const document = openDocument(url);
  flushSync(() => root.render(given(document)));
}

/** Puts a page from a server under a document that has arrived before it. */
async function hydrate(url: string): Promise<void> {
  const opened = openDocument(url);
  await opened.loaded;
  const container = document.body.appendChild(document.createElement("section"));
  container.innerHTML = renderToString(given(opened));
  forget();
  hydrateRoot(container, given(opened), { onRecoverableError: (error) => void shown.push(String(error)) });
}

/** How often each component has been rendered since `forget`, a while after `done` has become true. */
async function rendersUntil(done: () => boolean): Promise<Record<string, number>> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
  // Nothing else may follow.
  await new Promise((resolve) => setTimeout(resolve, 200));
  return renders;
}

function forget(): void {
  for (const component of Object.keys(renders)) delete renders[component];
  shown.length = 0;
}

const grove: {
  doc?: TreeDocument;
  present?: ReturnType<typeof usePresence>["set"];
  readonly [name: string]: unknown;
} = { show, showGiven, hydrate, hide: () => flushSync(() => root.render(null)), shown, forget, rendersUntil };
Object.assign(globalThis, { grove });
