import type { ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { describe, expect, test } from "vitest";
import {
  DocumentProvider,
  useBin,
  useChildren,
  useDocument,
  useDocumentAt,
  useHistory,
  useNode,
  usePresence,
  useRole,
  useSessions,
  useStatus,
  useText,
  useUndo,
  useVersion,
  useVersions,
} from "../../src/react/index.ts";
import { createScene } from "../client/scene.ts";

/** Everything that hooks read, as text. */
function Everything(): ReactNode {
  const { others } = usePresence();
  const { canUndo, canRedo } = useUndo();
  const read = {
    text: useText("a", "text").value,
    node: useNode() ?? null,
    other: useNode("a") ?? null,
    children: useChildren(),
    others,
    lists: [useHistory(), useSessions({ limit: 5 }), useBin(), useVersions()].map(({ entries }) => entries),
    past: [useDocumentAt(1).past, useVersion("draft").past],
  };
  return JSON.stringify({ ...read, ...useStatus(), role: useRole(), canUndo, canRedo });
}

const NOTHING = {
  ...{ text: "", node: null, other: null, children: [], others: [] },
  ...{ lists: [[], [], [], []], past: [null, null] },
  ...{ state: "connecting", reason: null, pending: 0, role: null, canUndo: false, canRedo: false },
};

function read(element: ReactNode): unknown {
  return JSON.parse(renderToString(element).replaceAll("&quot;", '"'));
}

describe("on a server", () => {
  test("[R18] a document is not connected, and nothing of it is there", async () => {
    const { server, settle } = createScene();
    const machine = server.machine();
    const options = { platform: machine, token: () => "secret" };
    const element = (
      <DocumentProvider url={server.url("plan")} options={options}>
        <Everything />
      </DocumentProvider>
    );
    expect(read(element)).toEqual(NOTHING);
    await settle();
    expect(machine.lastUrl).toBeNull();
    expect(machine.errors).toEqual([]);
  });

  test("[R18] a relative url is left to the page", () => {
    const element = (
      <DocumentProvider url="/documents/plan">
        <Everything />
      </DocumentProvider>
    );
    expect(read(element)).toEqual(NOTHING);
  });

  test("[R18] a document of one's own shows what a page begins with, too, and stays as it was", async () => {
    const { open, settle } = createScene();
    const { doc } = open();
    await settle();
    const element = (
      <DocumentProvider document={doc}>
        <Everything />
      </DocumentProvider>
    );
    expect(read(element)).toEqual(NOTHING);
    await settle();
    expect(doc.status.state).toBe("live");
  });
});

describe("a mistake is answered with what to do", () => {
  const hooks = { useDocument, useNode, useChildren, usePresence, useUndo, useStatus, useRole };
  test.each(Object.entries(hooks))("%s outside of a provider", (_name, useHook) => {
    const Lost = () => String(useHook());
    expect(() => renderToString(<Lost />)).toThrow("put a <DocumentProvider url={…}> around this component");
  });

  test("a provider of nothing", () => {
    // What the types refuse: a url that is not known yet.
    const props: { url: string } = JSON.parse("{}");
    expect(() => renderToString(<DocumentProvider {...props} />)).toThrow(
      "DocumentProvider needs a url, or a document",
    );
  });
});
