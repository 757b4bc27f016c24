import { type Text, type TreeDocument, textOf, undoTexts } from "../../../src/client/index.ts";
import type { TestServerOptions } from "../../../src/testing/index.ts";
import type { NodeData } from "../../../src/tree/index.ts";
import { createScene, type Person, type Scene } from "../scene.ts";

/** A row and what stands below it. */
export function row(id: string, text: string, ...children: NodeData[]): NodeData {
  return { id, type: "row", attrs: { text }, ...(children.length > 0 && { children }) };
}

/** What the rows of a tree say, as in the table of the agreement: `hello / world`; what is below a row stands in brackets. */
export function said({ children = [] }: NodeData): string {
  return children.map((each) => `${each.attrs?.text ?? ""}${each.children ? ` [${said(each)}]` : ""}`).join(" / ");
}

export const saidBy = ({ doc }: { readonly doc: TreeDocument }) => said(doc.toData());

/** Ann and Bob, who have a document with these rows open and edit its texts. */
export interface Pair {
  readonly scene: Scene;
  readonly ann: Person;
  readonly bob: Person;
}

export async function openPair(
  rows: readonly NodeData[],
  open: Parameters<Scene["open"]>[0] = {},
  server: TestServerOptions = {},
): Promise<Pair> {
  const scene = createScene({ ...server, tree: { id: "root", type: "list", children: rows } });
  const [ann, bob] = [scene.open(open), scene.open()];
  for (const { doc } of [ann, bob]) undoTexts(doc);
  await scene.settle();
  return { scene, ann, bob };
}

export function text({ doc }: { readonly doc: TreeDocument }, id = "a"): Text {
  return textOf(doc, id, "text");
}
