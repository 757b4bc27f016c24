import type { NodeId } from "durable-grove/react";
import { Fragment, memo } from "react";
import { useHere } from "./whereabouts.ts";

/** Lies under the text area, gives it its height, and shows where in it the others are. */
export const Mirror = memo(function Mirror({ id, text }: { readonly id: NodeId; readonly text: string }) {
  let from = 0;
  const pieces = useHere(id).map(({ key, name, color, caret }) => {
    const before = text.slice(from, caret);
    from = Math.max(from, Math.min(caret, text.length));
    return (
      <Fragment key={key}>
        {before}
        {/* Another one where it has moved: it shows the name anew. */}
        <i key={caret} data-name={name} style={{ "--color": color }} />
      </Fragment>
    );
  });
  return (
    <div className="mirror" aria-hidden="true">
      {pieces}
      {`${text.slice(from)}\u200b`}
    </div>
  );
});
