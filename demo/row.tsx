import { type NodeId, useChildren, useDocument, useNode } from "durable-grove/react";
import { type ChangeEvent, type ClipboardEvent, type KeyboardEvent, memo, useLayoutEffect, useRef } from "react";
import { setText, takeFocus } from "./focus.ts";
import { keys, nameOf } from "./keys.ts";
import { Mirror } from "./mirror.tsx";
import { paste } from "./paste.ts";
import { perform } from "./perform.ts";
import { isTooLong, setTextOf, shownKey, textOf } from "./rows.ts";
import { toast } from "./toasts.tsx";
import { typingIn } from "./typing.ts";
import { TOO_LONG } from "./words.ts";

interface RowProps {
  readonly id: NodeId;
  readonly depth: number;
}

/** A row and all below it: one flat list, in which the indentation says who belongs to whom. */
export const Row = memo(function Row({ id, depth }: RowProps) {
  const node = useNode(id);
  const children = useChildren(id);
  const text = textOf(node);
  return (
    <>
      <li className="row" style={{ "--depth": depth }}>
        <div className="text">
          <Mirror id={id} text={text} />
          <Area
            id={id}
            text={text}
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
  readonly text: string;
  readonly label: string;
  readonly placeholder: string;
}

/** React does not hold its value: what others write into it is put around the caret. */
function Area({ id, text, label, placeholder }: AreaProps) {
  const doc = useDocument();
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    if (area.current) setText(area.current, text);
  }, [text]);
  useLayoutEffect(() => {
    if (area.current) takeFocus(id, area.current);
  }, [id]);

  const type = ({ currentTarget }: ChangeEvent<HTMLTextAreaElement>) => {
    const { value } = currentTarget;
    if (isTooLong(value)) toast({ text: TOO_LONG });
    else perform(doc, { change: (tx) => setTextOf(tx, id, value), group: typingIn(id) });
    // It may have been refused.
    setText(currentTarget, textOf(doc.get(id)));
  };
  const press = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const done = event.nativeEvent.isComposing ? undefined : keys[nameOf(event)]?.(doc, id, event.currentTarget);
    if (!done) return;
    event.preventDefault();
    perform(doc, done);
  };
  const insert = (event: ClipboardEvent<HTMLTextAreaElement>) => {
    const done = paste(id, event.currentTarget, event.clipboardData.getData("text/plain"));
    if (!done) return;
    event.preventDefault();
    perform(doc, done);
  };
  return (
    <textarea
      ref={area}
      data-id={id}
      rows={1}
      spellCheck={false}
      aria-label={label}
      placeholder={placeholder}
      onChange={type}
      onKeyDown={press}
      onPaste={insert}
    />
  );
}
