import { useDocument } from "durable-grove/react";
import { lastPlace } from "./focus.ts";
import { keys } from "./keys.ts";
import { perform } from "./perform.ts";

const SHOWN = [
  { key: "Enter", held: "Enter", label: "new row" },
  { key: "Tab", held: "Tab", label: "indent" },
  { key: "Shift+Tab", held: "⇧ Tab", label: "outdent" },
  { key: "Alt+ArrowUp", held: "Alt ↑", label: "up" },
  { key: "Alt+ArrowDown", held: "Alt ↓", label: "down" },
  { key: "Control+Shift+Backspace", held: "Ctrl ⇧ ⌫", label: "remove" },
];

/** What the keys do, and does it for those who have none, in the row that they are in. */
export function Legend() {
  const doc = useDocument();
  const press = (key: string) => {
    const area = lastPlace();
    const done = area && keys[key]?.(doc, area.dataset.id ?? "", area);
    if (done) perform(doc, done);
  };
  return (
    <footer>
      {SHOWN.map(({ key, held, label }) => (
        // The row keeps the focus, and a phone its keyboard.
        <button key={key} type="button" onPointerDown={(event) => event.preventDefault()} onClick={() => press(key)}>
          <kbd>{held}</kbd> {label}
        </button>
      ))}
    </footer>
  );
}
