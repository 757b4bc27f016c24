import { historyOf, type Version } from "durable-grove/history";
import { useDocument, useVersions } from "durable-grove/react";
import { type FormEvent, useState } from "react";
import { attempt } from "./actions.ts";
import { More } from "./more.tsx";
import { timeText } from "./times.ts";

interface VersionsProps {
  readonly at: number;
  readonly mayWrite: boolean;
  readonly onGo: (seq: number) => void;
}

/** The names that moments have, and a name for the one that is shown. */
export function Versions({ at, mayWrite, onGo }: VersionsProps) {
  const { versions } = historyOf(useDocument());
  const list = useVersions();
  const [name, setName] = useState("");
  const change = async (what: string, work: () => Promise<unknown>) => {
    await attempt(what, work);
    list.refresh();
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    const given = name.trim();
    if (!given) return;
    setName("");
    void change("Naming", () => versions.name(given, at));
  };
  const rename = ({ id, name: old }: Version) => {
    const given = prompt("Another name", old ?? "")?.trim();
    if (given && given !== old) void change("Renaming", () => versions.rename(id, given));
  };
  return (
    <>
      {mayWrite && (
        <form onSubmit={save}>
          <input
            value={name}
            maxLength={100}
            placeholder="A name for this moment"
            aria-label="A name for this moment"
            onChange={(event) => setName(event.target.value)}
          />
          <button type="submit" disabled={!name.trim()}>
            Name it
          </button>
        </form>
      )}
      <ol>
        {list.entries.map((version) => (
          <li key={version.id}>
            <button
              type="button"
              aria-current={version.seq === at ? "step" : undefined}
              onClick={() => onGo(version.seq)}
            >
              <strong>{version.name ?? "Left as it was"}</strong>
              <span>
                event {version.seq},{" "}
                <time dateTime={new Date(version.time).toISOString()}>{timeText(version.time)}</time>
              </span>
            </button>
            {mayWrite && (
              <span className="acts">
                <button type="button" onClick={() => rename(version)}>
                  Rename
                </button>
                <button type="button" onClick={() => void change("Deleting", () => versions.delete(version.id))}>
                  Delete
                </button>
              </span>
            )}
          </li>
        ))}
      </ol>
      <More list={list} none="No moment has a name yet." />
    </>
  );
}
