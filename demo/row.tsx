import { type NodeId, useChildren, useDocument, useNode } from "durable-grove/react";
import { type KeyboardEvent, memo, useLayoutEffect, useRef } from "react";
import { bindRow } from "./bound.ts";
import { takeFocus } from "./focus.ts";
import { keys, nameOf } from "./keys.ts";
import { Mirror } from "./mirror.tsx";
import { perform } from "./perform.ts";
import { editedKey, shownKey, shownText } from "./rows.ts";

interface RowProps {
  readonly id: NodeId;
  readonly depth: number;
}

/** A row and all below it: one flat list, in which the indentation says who belongs to whom. */
export const Row = memo(function Row({ id, depth }: RowProps) {
  const node = useNode(id);
  const children = useChildren(id);
  return (
    <>
      <li className="row" style={{ "--depth": depth }}>
        <div className="text">
          <Mirror id={id} text={shownText(node)} />
          <Area
            id={id}
            attr={editedKey(node)}
            label={depth === 0 ? "Title" : `Row, level ${depth}`}
            placeholder={depth === 0 ? "Untitled" : node && !shownKey(node) ? node.type : ""}
          />
        </div>
      </li>
      {children.map((child) => (
        <Row key={child} id={child} depth={depth + 1} />
      ))}
    </>
  );
});

interface AreaProps {
  readonly id: NodeId;
  readonly attr: string;
  readonly label: string;
  readonly placeholder: string;
}

/** Its value is bound to the text of the row, and none of React's business. */
function Area({ id, attr, label, placeholder }: AreaProps) {
  const doc = useDocument();
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => (area.current ? bindRow(doc, id, attr, area.current) : undefined), [doc, id, attr]);
  useLayoutEffect(() => {
    if (area.current) takeFocus(id, area.current);
  }, [id]);

  const press = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Some browsers say by the code 229 alone that a key belongs to an input method.
    if (event.defaultPrevented || event.nativeEvent.isComposing || event.keyCode === 229) return;
    const done = keys[nameOf(event)]?.(doc, id, event.currentTarget);
    if (!done) return;
    event.preventDefault();
    perform(doc, done);
  };
  return (
    <textarea
      ref={area}
      data-id={id}
      data-key={attr}
      rows={1}
      spellCheck={false}
      aria-label={label}
      placeholder={placeholder}
      onKeyDown={press}
    />
  );
}
