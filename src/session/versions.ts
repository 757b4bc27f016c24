import {
  chain,
  failure,
  LIMITS,
  type Principal,
  placeText,
  type RenameCall,
  type Result,
  success,
  type Version,
  type VersionCall,
  type VersionsPage,
  type VersionsQuery,
} from "../protocol/index.ts";
import { reaches } from "../protocol/rights.ts";
import { inOrder, type StoredDocument } from "../storage.ts";
import { seqOfMoment } from "./moments.ts";
import { firstTree } from "./tree-answer.ts";

const DEFAULT_LIMIT = 100;

/** A page of the versions, in the order of their states. */
export function versionsPage(stored: StoredDocument, query: VersionsQuery): VersionsPage {
  const { order, after, limit = DEFAULT_LIMIT } = query;
  const sign = order === "newest" ? -1 : 1;
  const all = order === "newest" ? stored.versions.all.toReversed() : stored.versions.all;
  const behind = after ? all.filter((version) => sign * inOrder(version, after) > 0) : all;
  const entries = behind.slice(0, limit);
  const last = entries.at(-1) ?? after;
  return { entries, more: behind.length > limit, next: last ? placeText(last) : null };
}

/**
 * Names a state: `exists` for a name that is taken, `full` with too many names or where there is no room, `expired` for a state that the
 * history does not lead back to.
 */
export function nameVersion(
  stored: StoredDocument,
  { name, at }: VersionCall,
  principal: Principal,
  id: string,
  now: number,
): Result<Version> {
  if (!stored.options.documentStorage) return failure("invalid", "the document keeps no history (documentStorage)");
  return chain(at ? seqOfMoment(stored, at) : success(stored.seq), (seq) => {
    if (!stored.reaches(seq)) return failure("expired", `${firstTree(stored)}, not ${seq}`);
    const time = Math.max(now, stored.time);
    return putNamed(stored, { id, name, seq, time, userId: principal.user?.id ?? null });
  });
}

/** Names a version anew. One that nobody has named is his who does. */
export function renameVersion(
  stored: StoredDocument,
  { id, name }: RenameCall,
  principal: Principal,
  now: number,
): Result<Version> {
  return chain(versionOf(stored, id), (version) => {
    if (version.name === null) {
      const time = Math.max(now, stored.time);
      return putNamed(stored, { ...version, name, time, userId: principal.user?.id ?? null });
    }
    return chain(mayChange(version, principal), () => putNamed(stored, { ...version, name }));
  });
}

/** Deletes a version: the history that it was the last to need goes as any other. */
export function deleteVersion(stored: StoredDocument, id: string, principal: Principal): Result<null> {
  return chain(versionOf(stored, id), (version) =>
    chain(mayChange(version, principal), () => {
      stored.forgetVersion(version.id);
      return success(null);
    }),
  );
}

function putNamed({ versions, space }: StoredDocument, version: Version & { readonly name: string }): Result<Version> {
  const others = versions.all.filter(({ id, name }) => name !== null && id !== version.id);
  if (others.some(({ name }) => name === version.name)) {
    return failure("exists", `there is a version ${version.name} already`);
  }
  const isNamed = versions.all.some(({ id, name }) => name !== null && id === version.id);
  if (others.length >= LIMITS.versions) {
    return failure("full", `at most ${LIMITS.versions} versions with names: delete some`);
  }
  // Another name for what has one keeps nothing more.
  if (!isNamed && space === "full")
    return failure("full", "the document is full: no more history can be kept for a version");
  versions.put(version);
  return success(version);
}

function versionOf({ versions }: StoredDocument, wanted: string): Result<Version> {
  const version = versions.all.find(({ id }) => id === wanted);
  return version ? success(version) : failure("notFound", `there is no version ${wanted}`);
}

/** Who has named it may, and an admin; what nobody has named is an admin's. */
function mayChange({ name, userId }: Version, { user, role }: Principal): Result<null> {
  const isOwn = name !== null && userId === (user?.id ?? null);
  if (isOwn || reaches(role, "admin")) return success(null);
  return failure("forbidden", "the version is not one's own: that takes the role admin");
}
