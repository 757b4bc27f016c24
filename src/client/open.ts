import { type NodeId, toData } from "../tree/index.ts";
import type { Platform } from "./connection/platform.ts";
import type { Difference } from "./difference.ts";
import type { ChangeEvent, DocumentEvents, OpenOptions, TreeDocument } from "./document.ts";
import { createEmitter } from "./emitter.ts";
import { createEngine, type Engine } from "./engine.ts";
import { keepInternals } from "./internals.ts";
import type { Persistence } from "./keep/persistence.ts";
import type { Saved } from "./keep/saved.ts";
import { handled, MutationError, NOT_ARRIVED, refusedMutation } from "./mutation-error.ts";
import { createPresence } from "./presence.ts";
import { createView } from "./view.ts";

// Not among the others: a bundle has its modules in the order of imports, and is smallest with this one last (scripts/size.ts).

import { createLink } from "./connection/link.ts";

/** Opens a document on a machine. See `TreeDocument`. */
export function createDocument(url: string, options: OpenOptions, platform: Platform): TreeDocument {
  const { on, emit } = createEmitter<DocumentEvents>(platform.report);
  const watchers = createEmitter<Record<NodeId, null>>(platform.report);
  const view = createView(() => engine?.replica.tree ?? null);
  const token = () => options.token;
  const address = { platform, url, token, ticket: options.ticket };
  const waiting: ((engine: Engine) => void)[] = [];
  let engine: Engine | null = null;
  let saved: Saved | null = null;
  let opening: Promise<void> | null = null;
  let phase: "new" | "opening" | "open" | "over" = "new";

  // Promise.withResolvers is not in Node 20.
  let arrived = () => {};
  let neverCame = (_error: Error) => {};
  const loaded = handled(
    new Promise<void>((resolve, reject) => {
      arrived = resolve;
      neverCame = reject;
    }),
  );

  const publish = (changed: Difference, source: ChangeEvent["source"]) => {
    const ids = new Set([...changed.contents, ...changed.lists, ...changed.placed]);
    view.refresh(changed);
    engine?.shown(changed, source);
    if (view.root !== undefined) arrived();
    if (ids.size === 0) return;
    for (const id of ids) watchers.emit(id, null);
    emit("change", { ids, source });
  };
  const failed = (error: unknown) => emit("error", error);
  const link = createLink({
    address,
    // It connects only once there is an engine.
    join: () => engine?.sync.join() ?? "",
    hear: (message) => engine?.sync.hear(message),
    failed,
    lost: () => engine?.sync.lost(),
    changed(status) {
      if (status.state === "closed") neverCame(new Error(status.reason?.message ?? "closed"));
      if (status.reason?.code === "forbidden") engine?.writer.deny(status.reason);
      emit("status", status);
    },
  });
  const presence = createPresence(platform, link.send, (others) => emit("presence", others));

  const run = (kept: Saved | null, client: string) => {
    saved = kept;
    phase = "open";
    engine = createEngine({ address, client, saved, link, presence, view, initial: options.initial, emit, publish });
    for (const use of waiting.splice(0)) use(engine);
    engine.begin();
    link.connect();
  };
  const begin = async (persistence: Persistence) => {
    phase = "opening";
    const { newId, after } = platform;
    const setup = { name: url.split("?")[0] ?? url, newId, after, client: options.client, failed };
    const kept = await persistence(setup, () => engine?.replica ?? null).catch((error: unknown) => {
      failed(error);
      return null;
    });
    // Not as `options.client`, which another page may be.
    if (phase === "opening") run(kept, kept?.client ?? platform.newId());
    else await kept?.close();
  };
  const connect = () => {
    if (phase === "open") return link.connect();
    if (phase !== "new") return;
    if (options.persist) opening = begin(options.persist);
    else run(null, options.client ?? platform.newId());
  };
  const isClosed = () => link.status.state === "closed";
  const document: TreeDocument = {
    url,
    get status() {
      return link.status;
    },
    get client() {
      return engine?.replica.client ?? null;
    },
    get user() {
      return engine?.sync.user ?? null;
    },
    get role() {
      return engine?.sync.role ?? null;
    },
    get space() {
      return engine?.sync.space ?? "enough";
    },
    get size() {
      return engine?.replica.tree?.size ?? 0;
    },
    get seq() {
      return engine?.replica.seq ?? 0;
    },
    get pending() {
      return engine?.replica.pending.length ?? 0;
    },
    get outbox() {
      return engine?.replica.pending ?? [];
    },
    loaded,
    get root() {
      return view.root;
    },
    get: view.get,
    children: view.children,
    parent: view.parent,
    find: view.find,
    toData(id = view.root, depth) {
      const tree = engine?.replica.tree;
      if (!tree || id === undefined || !view.get(id)) throw new Error(`there is no node ${id}`);
      return toData(tree, id, depth);
    },
    mutate(change, { meta, group } = {}) {
      const marked = group === undefined ? meta : { ...meta, group };
      if (engine && !isClosed()) return engine.writer.mutate(change, marked);
      const closed = { code: link.status.reason?.code ?? "unavailable", message: "the document is closed" } as const;
      const error = new MutationError(isClosed() ? closed : NOT_ARRIVED, { ops: [] });
      emit("rejected", error);
      return refusedMutation(error);
    },
    presence,
    on,
    watch: watchers.on,
    connect,
    async close() {
      if (phase === "over") return;
      phase = "over";
      engine?.leaving();
      link.close();
      engine?.writer.abandon();
      await opening;
      await saved?.close();
    },
  };
  keepInternals(document, {
    address,
    whenRunning(use) {
      if (engine) use(engine);
      else waiting.push(use);
    },
  });
  if (options.connect !== false) connect();
  return document;
}
