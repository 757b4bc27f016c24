import { type FormEvent, useEffect, useRef, useState } from "react";

interface NameFormProps {
  readonly label: string;
  /** What the button says. */
  readonly does: string;
  /** The name so far: then it is written over, and Escape leaves it. */
  readonly before?: string;
  /** Whether it could be named so: if not, what was written stays. */
  readonly onName: (name: string) => Promise<boolean>;
  readonly onLeave?: () => void;
}

export function NameForm({ label, does, before, onName, onLeave }: NameFormProps) {
  const input = useRef<HTMLInputElement>(null);
  const [name, setName] = useState(before ?? "");
  useEffect(() => {
    if (before !== undefined) input.current?.select();
  }, [before]);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const given = name.trim();
    if (given && (await onName(given))) setName("");
  };
  return (
    <form onSubmit={(event) => void save(event)}>
      <input
        ref={input}
        value={name}
        maxLength={100}
        placeholder={label}
        aria-label={label}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && onLeave?.()}
      />
      <button type="submit" disabled={!name.trim()}>
        {does}
      </button>
    </form>
  );
}
