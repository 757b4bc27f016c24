import { useEffect, useSyncExternalStore } from "react";

export interface Toast {
  readonly text: string;
  /** Of those about the same thing only the newest is shown. */
  readonly about?: string;
  readonly action?: { readonly label: string; chosen(): void };
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
  shown = toasts.slice(-MOST);
  for (const listener of listeners) listener();
}

function dismiss(toast: Shown): void {
  show(shown.filter((each) => each !== toast));
}

/** Says something for a few seconds. */
export function toast(said: Toast): void {
  const about = said.about ?? said.text;
  show([...shown.filter((each) => each.about !== about), { ...said, about, key: ++count }]);
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
  useEffect(() => {
    const timer = setTimeout(dismiss, SHOWN_FOR, shownNow);
    return () => clearTimeout(timer);
  }, [shownNow]);
  const { text, action } = shownNow;
  const choose = () => {
    dismiss(shownNow);
    action?.chosen();
  };
  return (
    <p>
      {text}
      {action && (
        <button type="button" onClick={choose}>
          {action.label}
        </button>
      )}
    </p>
  );
}

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}
