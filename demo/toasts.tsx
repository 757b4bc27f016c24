import { useEffect, useRef, useState, useSyncExternalStore } from "react";

export interface Toast {
  readonly text: string;
  /** Of those about the same thing only the newest is shown. */
  readonly about?: string;
  readonly action?: { readonly label: string; chosen(written: string): void };
  /** Takes what is typed now, for whose row is gone: it is given to the action, and the toast stays as long as it has any. */
  readonly takesText?: true;
}

interface Shown extends Toast {
  readonly key: number;
}

const SHOWN_FOR = 8_000;
const MOST = 3;
let shown: readonly Shown[] = [];
let count = 0;
const listeners = new Set<() => void>();

function show(toasts: readonly Shown[]): void {
  shown = toasts.filter(({ takesText }, index) => takesText || index >= toasts.length - MOST);
  for (const listener of listeners) listener();
}

function dismiss(toast: Shown): void {
  show(shown.filter((each) => each !== toast));
}

/** Says something for a few seconds. */
export function toast(said: Toast): void {
  const about = said.about ?? said.text;
  const old = shown.find((each) => each.about === about && each.takesText);
  const now = old ? { ...old, ...said } : { ...said, about, key: ++count };
  show([...shown.filter((each) => each.about !== about), now]);
}

export function Toasts() {
  const all = useSyncExternalStore(subscribe, () => shown);
  return (
    <div id="toasts" role="log">
      {all.map((each) => (
        <OneToast key={each.key} toast={each} />
      ))}
    </div>
  );
}

function OneToast({ toast: shownNow }: { readonly toast: Shown }) {
  const { text, action, takesText } = shownNow;
  const [written, setWritten] = useState("");
  const [isTyping, setTyping] = useState(false);
  const stays = isTyping || written !== "";
  useEffect(() => {
    if (stays) return;
    const timer = setTimeout(dismiss, SHOWN_FOR, shownNow);
    return () => clearTimeout(timer);
  }, [shownNow, stays]);
  const choose = () => {
    dismiss(shownNow);
    action?.chosen(written);
  };
  return (
    <p>
      {text}
      {takesText && <Field written={written} onWrite={setWritten} onTyping={setTyping} onEnter={choose} />}
      {action && (
        <button type="button" onClick={choose}>
          {action.label}
        </button>
      )}
    </p>
  );
}

interface FieldProps {
  readonly written: string;
  onWrite(written: string): void;
  onTyping(isTyping: boolean): void;
  onEnter(): void;
}

/** Has the focus from the first, as its row had it. */
function Field({ written, onWrite, onTyping, onEnter }: FieldProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus({ preventScroll: true }), []);
  return (
    <input
      ref={input}
      value={written}
      placeholder="what you type now"
      aria-label="What you type now"
      onChange={(event) => onWrite(event.target.value)}
      onFocus={() => onTyping(true)}
      onBlur={() => onTyping(false)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Enter") onEnter();
        if (event.key === "Escape") input.current?.blur();
      }}
    />
  );
}

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}
