import { type NodeId, PastProvider, type TreeNode, useChildren, useNode } from "durable-grove/react";
import { createContext, memo, useContext } from "react";
import { shownText } from "../rows.ts";
import type { Moment } from "./moment.ts";
import { changeOf, type Piece, type ShownChange, withGone } from "./pieces.ts";

interface PreviewProps {
  readonly moment: Moment;
  /** Whether a restore leaves what has come since. */
  readonly keepsOthers: boolean;
  /** Makes a branch what it was; null: one may not. */
  readonly onRestore: ((id: NodeId) => void) | null;
}

const Shown = createContext<PreviewProps | null>(null);

/** The document as it was, with what differs in the colours of those who did it. Drawn once a moment, not with each move of the slider. */
export const Preview = memo(function Preview(props: PreviewProps) {
  const { past } = props.moment;
  return (
    <PastProvider past={past}>
      <Shown.Provider value={props}>
        <ul aria-label="The document as it was">
          {past.root !== undefined && <PastRow id={past.root} depth={0} above={null} />}
        </ul>
      </Shown.Provider>
    </PastProvider>
  );
});

interface PastRowProps {
  readonly id: NodeId;
  readonly depth: number;
  /** What differs in the row that it stands in. */
  readonly above: ShownChange | null;
}

const PastRow = memo(function PastRow({ id, depth, above }: PastRowProps) {
  const shown = useContext(Shown);
  const node = useNode(id);
  const children = useChildren(id);
  if (!shown) return null;
  const { changes, against } = shown.moment;
  const gone = changes.gone.get(id) ?? [];
  const row = node ?? goneNode(shown.moment, id);
  if (!row) return null;
  const change = changeOf(row, changes, { above, stays: against === "now" && shown.keepsOthers });
  return (
    <>
      <Line node={row} depth={depth} isThere={node !== undefined} change={change} />
      {withGone(children, gone).map((child) => (
        <PastRow key={child} id={child} depth={depth + 1} above={change} />
      ))}
    </>
  );
});

interface LineProps {
  readonly node: TreeNode;
  readonly depth: number;
  readonly isThere: boolean;
  readonly change: ShownChange | null;
}

function Line({ node, depth, isThere, change }: LineProps) {
  const restore = useContext(Shown)?.onRestore;
  const { pieces = [{ is: "kept", text: shownText(node) }], notes = [], author } = change ?? {};
  return (
    // A finger cannot rest on a row: it takes the focus.
    <li
      className="row"
      tabIndex={-1}
      data-changed={change !== null}
      style={{ "--depth": depth, "--color": author?.color }}
    >
      <div className="past">
        {withPlaces(pieces).map(({ at, piece }) => (
          <Part key={at} piece={piece} />
        ))}
        {author && <small>{[author.name, ...notes].join(", ")}</small>}
      </div>
      {restore && isThere && depth > 0 && (
        <button
          type="button"
          className="restore"
          aria-label={`Restore ${shownText(node)}`}
          onClick={() => restore(node.id)}
        >
          Restore
        </button>
      )}
    </li>
  );
}

function Part({ piece: { is, text, author } }: { readonly piece: Piece }) {
  const style = { "--color": author?.color };
  switch (is) {
    case "kept":
      return text;
    case "put":
      return (
        <ins style={style} title={author?.name}>
          {text}
        </ins>
      );
    case "gone":
      return (
        <del style={style} title={author?.name}>
          {text}
        </del>
      );
  }
}

/** Each piece with where it begins, which no other does in the same way. */
function withPlaces(pieces: readonly Piece[]): { readonly at: string; readonly piece: Piece }[] {
  let length = 0;
  return pieces.map((piece, index) => {
    const at = `${index} ${length}`;
    length += piece.text.length;
    return { at, piece };
  });
}

/** What is not there at the moment, as it is told. */
function goneNode({ changes }: Moment, id: NodeId): TreeNode | undefined {
  const diff = changes.nodes.get(id);
  return diff?.is === "removed" ? { id, type: diff.type, attrs: diff.attrs } : undefined;
}
