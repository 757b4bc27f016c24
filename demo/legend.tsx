import { useDocument } from "durable-grove/react";
import { lastPlace } from "./focus.ts";
import { joinAbove } from "./join.ts";
import { type Key, keys } from "./keys.ts";
import { perform } from "./perform.ts";
import { split } from "./split.ts";
import { takeBack } from "./undo.tsx";

interface Shown {
  readonly held: string;
  readonly label: string;
  readonly does: Key | undefined;
}

const SHOWN: readonly Shown[] = [
  { held: "Enter", label: "split, new row", does: (doc, id, { selectionEnd }) => split(doc, id, selectionEnd) },
  { held: "⌫", label: "join, at the beginning", does: joinAbove },
  { held: "Tab", label: "indent", does: keys.Tab },
  { held: "⇧ Tab", label: "outdent", does: keys["Shift+Tab"] },
  { held: "Alt ↑", label: "up", does: keys["Alt+ArrowUp"] },
  { held: "Alt ↓", label: "down", does: keys["Alt+ArrowDown"] },
  { held: "Ctrl ⇧ ⌫", label: "remove", does: keys["Control+Shift+Backspace"] },
  { held: "Ctrl Z", label: "undo", does: (doc) => takeBack(doc, "undo") },
  { held: "Esc", label: "leave the rows", does: keys.Escape },
];

/** What the keys do, and does it for those who have none, in the row that they are in. */
export function Legend() {
  const doc = useDocument();
  const press = (does: Shown["does"]) => {
    const area = lastPlace();
    const done = area && does?.(doc, area.dataset.id ?? "", area);
    if (done) perform(doc, done);
  };
  return (
    <div id="legend" role="toolbar" aria-label="Keys" tabIndex={-1}>
      {SHOWN.map(({ held, label, does }) => (
        // The row keeps the focus, and a phone its keyboard.
        <button key={held} type="button" onPointerDown={(event) => event.preventDefault()} onClick={() => press(does)}>
          <kbd>{held}</kbd> {label}
        </button>
      ))}
    </div>
  );
}
