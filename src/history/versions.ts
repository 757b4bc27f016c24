import type { MomentInput, Version, VersionsInput, VersionsPage } from "../protocol/index.ts";
import type { Ask, AskOptions } from "./asking.ts";
import { createPages, type Pages } from "./pages.ts";

/** States of a document that have a name, and those that were noted by rule. */
export interface Versions {
  list(query?: VersionsInput, options?: AskOptions): Pages<Version, VersionsPage>;
  /** Names a moment, by default the state of now. `exists` where there is a version of that name. */
  name(name: string, at?: MomentInput, options?: AskOptions): Promise<Version>;
  rename(id: string, name: string, options?: AskOptions): Promise<Version>;
  /** The state itself stays as long as the history does. */
  delete(id: string, options?: AskOptions): Promise<void>;
}

export function createVersions(ask: Ask): Versions {
  const path = (id: string) => `/versions/${encodeURIComponent(id)}`;
  return {
    list: (query = {}, options) =>
      createPages(query, {
        ask: (asked) => ask<VersionsPage>("GET", "/versions", { query: asked }, options),
        onward: (asked, { next }) => ({ ...asked, after: next ?? undefined }),
        entries: ({ entries }) => entries,
      }),
    name: (name, at, options) => ask("POST", "/versions", { body: { name, at } }, options),
    rename: (id, name, options) => ask("PATCH", path(id), { body: { name } }, options),
    async delete(id, options) {
      await ask("DELETE", path(id), {}, options);
    },
  };
}
