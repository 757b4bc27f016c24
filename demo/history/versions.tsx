import { historyOf, type Version } from "durable-grove/history";
import { useDocument, useVersions } from "durable-grove/react";
import { useState } from "react";
import { toast } from "../toasts.tsx";
import { attempt } from "./actions.ts";
import { More } from "./more.tsx";
import { NameForm } from "./name-form.tsx";
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
  const change = async (what: string, work: () => Promise<unknown>) => {
    const isDone = await attempt(what, work);
    list.refresh();
    return isDone;
  };
  const name = (given: string, seq: number) => change("Naming", () => versions.name(given, seq));
  const remove = async ({ id, name: given, seq }: Version) => {
    if (!(await change("Deleting", () => versions.delete(id)))) return;
    const action = given !== null && { label: "Undo", chosen: () => void name(given, seq) };
    toast({
      text: `${given === null ? "A version" : `“${given}”`} was deleted.`,
      about: id,
      ...(action && { action }),
    });
  };
  return (
    <>
      {mayWrite && <NameForm label="A name for this moment" does="Name it" onName={(given) => name(given, at)} />}
      <ol>
        {list.entries.map((version) => (
          <OneVersion
            key={version.id}
            {...{ version, at, mayWrite, onGo }}
            onRename={(given) => change("Renaming", () => versions.rename(version.id, given))}
            onDelete={() => void remove(version)}
          />
        ))}
      </ol>
      <More list={list} none="No moment has a name yet." />
    </>
  );
}

interface OneVersionProps extends VersionsProps {
  readonly version: Version;
  readonly onRename: (name: string) => Promise<boolean>;
  readonly onDelete: () => void;
}

function OneVersion({ version: { name, seq, time }, at, mayWrite, onGo, onRename, onDelete }: OneVersionProps) {
  const [isRenaming, setRenaming] = useState(false);
  const rename = async (given: string) => {
    const isDone = given === name || (await onRename(given));
    if (isDone) setRenaming(false);
    return isDone;
  };
  if (isRenaming)
    return (
      <li>
        <NameForm
          label="Another name"
          does="Rename"
          before={name ?? ""}
          onName={rename}
          onLeave={() => setRenaming(false)}
        />
      </li>
    );
  return (
    <li>
      <button type="button" aria-current={seq === at ? "step" : undefined} onClick={() => onGo(seq)}>
        <strong>{name ?? "Left as it was"}</strong>
        <span>
          event {seq}, {name === null ? "left" : "named"}{" "}
          <time dateTime={new Date(time).toISOString()}>{timeText(time)}</time>
        </span>
      </button>
      {mayWrite && (
        <span className="acts">
          <button type="button" onClick={() => setRenaming(true)}>
            Rename
          </button>
          <button type="button" onClick={onDelete}>
            Delete
          </button>
        </span>
      )}
    </li>
  );
}
