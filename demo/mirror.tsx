import { type NodeId, usePresence } from "durable-grove/react";
import { Fragment, memo } from "react";
import { peopleIn } from "./people.tsx";

/** Lies under the text area, gives it its height, and shows where in it the others are. */
export const Mirror = memo(function Mirror({ id, text }: { readonly id: NodeId; readonly text: string }) {
  const here = peopleIn(usePresence().others)
    .filter(({ row }) => row === id)
    .sort((a, b) => a.caret - b.caret);
  let from = 0;
  const pieces = here.map(({ key, name, color, caret }) => {
    const before = text.slice(from, caret);
    from = Math.max(from, Math.min(caret, text.length));
    return (
      <Fragment key={key}>
        {before}
        <i data-name={name} style={{ "--color": color }} />
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
