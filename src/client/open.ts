import { toData } from "../tree/index.ts";
import type { Difference } from "./difference.ts";
import type { ChangeEvent, DocumentEvents, OpenOptions, TreeDocument } from "./document.ts";
import { createEmitter } from "./emitter.ts";
import { createEngine, type Engine } from "./engine.ts";
import { keepInternals } from "./internals.ts";
import { createLink, type Status } from "./link.ts";
import { handled, MutationError, refusedMutation } from "./mutation-error.ts";
import type { Persistence } from "./persistence.ts";
import type { Platform } from "./platform.ts";
import { createPresence } from "./presence.ts";
import type { Saved } from "./saved.ts";
import { streamOf } from "./stream.ts";
import { createView } from "./view.ts";
import { createWatchers } from "./watchers.ts";

/** Opens a document on a machine. See `TreeDocument`. */
export function createDocument(url: string, options: OpenOptions, platform: Platform): TreeDocument {
  const emitter = createEmitter<DocumentEvents>(platform.report);
  const { on, emit } = emitter;
  const watchers = createWatchers(platform.report);
  const view = createView(() => engine?.replica.tree ?? null);
  const token = () => options.token;
  const waiting: ((engine: Engine) => void)[] = [];
  const streams = new Set<() => void>();
  let engine: Engine | null = null;
  let saved: Saved | null = null;
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
    if (view.root !== undefined) arrived();
    if (ids.size === 0) return;
    watchers.notify(ids);
    emit("change", { ids, source });
  };
  const failed = (error: unknown) => emit("error", error);
  const statusChanged = (status: Status) => {
    if (status.state !== "live") engine?.sync.lost();
    emit("status", status);
  };
  const link = createLink({
    platform,
    url,
    token,
    join: () => running().sync.join(),
    hear: (message) => running().sync.hear(message),
    failed,
    changed: statusChanged,
  });
  const presence = createPresence(platform, link.send, (others) => emit("presence", others));
  const running = () => {
    if (!engine) throw new Error("the document is not running");
    return engine;
  };

  const run = (kept: Saved | null, client: string) => {
    saved = kept;
    phase = "open";
    engine = createEngine({
      ...{ platform, url, token, client, saved, link, presence, emit, publish },
    });
    for (const use of waiting.splice(0)) use(engine);
    engine.begin();
    link.connect();
  };
  const current = () => {
    const { incarnation, seq, rows } = running().replica;
    return incarnation === undefined ? null : { incarnation, seq, rows: rows() };
  };
  const begin = async (persistence: Persistence) => {
    phase = "opening";
    const setup = { name: url.split("?")[0] ?? url, newId: platform.newId, client: options.client, current, failed };
    const kept = await persistence(setup).catch((error: unknown) => {
      failed(error);
      return null;
    });
    if (phase === "opening") run(kept, kept?.client ?? options.client ?? platform.newId());
    else await kept?.close();
  };
  const connect = () => {
    if (phase === "open") return link.connect();
    if (phase !== "new") return;
    if (options.persist) void begin(options.persist);
    else run(null, options.client ?? platform.newId());
  };
  const refusal = () => {
    const reason = link.status.reason;
    const message = phase === "over" ? "the document was closed" : `the document is closed: ${reason?.message ?? ""}`;
    return { code: reason?.code ?? "unavailable", message } as const;
  };

  const document: TreeDocument = {
    url,
    get status() {
      return link.status;
    },
    get user() {
      return engine?.sync.user ?? null;
    },
    get role() {
      return engine?.sync.role ?? null;
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
      if (!tree || id === undefined || !view.get(id)) throw new Error(`there is no node ${id ?? "yet"}`);
      return toData(tree, id, depth);
    },
    mutate(change, { meta, group } = {}) {
      const marked = group === undefined ? meta : { ...meta, group };
      if (engine && phase === "open" && link.status.state !== "closed") return engine.writer.mutate(change, marked);
      const error = new MutationError(
        engine ? refusal() : { code: "unavailable", message: "the document has not arrived; await `loaded`" },
        { ops: [] },
      );
      emit("rejected", error);
      return refusedMutation(error);
    },
    presence,
    on,
    stream(name) {
      return streamOf((next, stop) => {
        const off = on(name, next);
        streams.add(stop);
        if (phase === "over") Promise.resolve().then(stop);
        return () => {
          off();
          streams.delete(stop);
        };
      });
    },
    watch: watchers.watch,
    connect,
    synced() {
      return new Promise((resolve, reject) => {
        const offs = [on("pending", check), on("status", check)];
        function check() {
          const closed = phase === "over" || link.status.state === "closed";
          if (document.pending > 0 && !closed) return;
          for (const off of offs) off();
          if (document.pending === 0) resolve();
          else reject(new Error(`the document was closed with ${document.pending} mutations unanswered`));
        }
        check();
      });
    },
    async close() {
      if (phase === "over") return;
      phase = "over";
      link.close();
      engine?.writer.abandon();
      neverCame(new Error("the document was closed before it had arrived"));
      for (const stop of [...streams]) stop();
      await saved?.close();
    },
  };
  keepInternals(document, {
    ...{ platform, url, token, failed },
    whenRunning(use) {
      if (engine) use(engine);
      else waiting.push(use);
    },
  });
  if (options.connect !== false) connect();
  return document;
}
