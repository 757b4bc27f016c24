import type { Transaction, TreeDocument } from "../../src/client/index.ts";
import { createUndo } from "../../src/client/index.ts";
import { memory, type Persistence } from "../../src/client/keep/persistence.ts";
import { createTestServer, type Machine, type TestServer } from "../../src/testing/index.ts";
import type { Operation } from "../../src/tree/index.ts";
import { openPage, type Page } from "./page.ts";
import { type Action, type Deed, FIRST_TREE } from "./script.ts";
import { tap } from "./tap.ts";

/** Somebody with a browser: pages that share a machine and what is kept. */
export interface Profile {
  readonly machine: Machine;
  readonly persist: Persistence;
  /** Those that are open, and those that were. */
  pages: Page[];
  readonly closed: Page[];
  /** The next delta is to be one that nobody can apply. */
  spoilt: boolean;
  open(): void;
}

export interface Stage {
  readonly server: TestServer;
  readonly profiles: readonly Profile[];
  readonly closing: Promise<void>[];
  /** How many mutations were made with a number, `meta.n`, from 1 on. */
  made: number;
  /** Those that have changed nothing, here or when they arrived. */
  readonly unchanged: Set<unknown>;
}

export type Note = (what: string) => void;

export function createStage(people: number, note: Note): Stage {
  const server = createTestServer();
  server.call("plan").getOrStart({ tree: FIRST_TREE });
  const unchanged = new Set<unknown>();
  const profiles = Array.from({ length: people }, () => createProfile(server, unchanged, note));
  for (const profile of profiles) profile.open();
  return { server, profiles, closing: [], made: 0, unchanged };
}

function createProfile(server: TestServer, unchanged: Set<unknown>, note: Note): Profile {
  const machine = server.machine();
  const persist = memory();
  /** By connection, the numbers of what was sent by counter. */
  const sent = new Map<string, unknown>();
  const platform = tap(machine, {
    up(frame, connection) {
      if (!frame.startsWith('{"type":"mutate"')) return;
      const message: { mutations?: { mutation: number; meta?: { n?: unknown } }[] } = JSON.parse(frame);
      for (const { mutation, meta } of message.mutations ?? []) sent.set(`${connection} ${mutation}`, meta?.n);
    },
    down(frame, connection) {
      const nothing = /^{"type":"unchanged","mutation":(\d+)/.exec(frame)?.[1];
      if (nothing) unchanged.add(sent.get(`${connection} ${nothing}`));
      if (nothing) note("unchanged there");
      if (/"restores":/.test(frame)) note("restored without content");
      const resume = /"resume":"(\w+)"/.exec(frame)?.[1];
      if (resume) note(`resume by ${resume}`);
      const code = /^{"type":"reject".*?"code":"(\w+)"/.exec(frame)?.[1];
      if (code) note(`rejection: ${code}`);
      if (!profile.spoilt || !frame.startsWith('{"type":"delta"')) return frame;
      profile.spoilt = false;
      note("spoilt");
      return frame.replaceAll(/"seq":(\d+)/g, '"seq":9999$1');
    },
    async answer(url, answer, body = "{}") {
      note(/\/mutations/.test(url) ? "left behind, sent" : "history read");
      const mutation: { meta?: { n?: unknown } } = JSON.parse(body);
      if (/\/mutations/.test(url) && /"ops":\[\]/.test(answer)) unchanged.add(mutation.meta?.n);
    },
  });
  const profile: Profile = {
    machine,
    persist,
    pages: [],
    closed: [],
    spoilt: false,
    open: () => void profile.pages.push(openPage(server.url("plan"), { platform, persist })),
  };
  return profile;
}

export async function act(stage: Stage, action: Action, note: Note): Promise<void> {
  const { server, profiles } = stage;
  const profile = "who" in action ? profiles[action.who % profiles.length] : undefined;
  const page = profile && "page" in action ? profile.pages[action.page % profile.pages.length] : undefined;
  switch (action.do) {
    case "mutate":
      if (page && isReady(page.doc)) {
        const meta = { n: ++stage.made };
        const { deeds, group } = action;
        const { pending } = page.doc;
        const mutation = page.doc.mutate((tx) => perform(tx, deeds), { meta, group });
        page.follow(mutation);
        if (page.doc.pending === pending && page.rejected.at(-1)?.n !== meta.n) {
          stage.unchanged.add(meta.n);
          note("unchanged here");
        }
        if (page.doc.status.state === "offline") note("made offline");
      }
      break;
    case "undo":
    case "redo":
      if (page && isReady(page.doc)) {
        const { mutation, skipped } = createUndo(page.doc)[action.do]();
        if (mutation) page.follow(mutation);
        if (mutation) note(action.do);
        for (const { why } of skipped) note(`skipped: ${why}`);
      }
      break;
    case "presence":
      page?.doc.presence.set(action.data);
      break;
    case "offline":
    case "online":
      if (profile) profile.machine.online = action.do === "online";
      break;
    case "duplicate":
      if (profile?.machine.duplicate()) note("duplicate");
      break;
    case "linger":
      if (profile && profile.machine.linger() > 0) note("linger");
      break;
    case "spoil":
      if (profile) profile.spoilt = true;
      break;
    case "release":
      profile?.machine.release();
      break;
    case "cut":
      profile?.machine.cut(action);
      break;
    case "hold":
      profile?.machine.hold(action.direction);
      break;
    case "deliver":
      profile?.machine.deliver(action.direction, action.count);
      break;
    case "open":
      if (profile && profile.pages.length < 2) profile.open();
      break;
    case "close":
      if (profile && page) {
        profile.pages = profile.pages.filter((each) => each !== page);
        profile.closed.push(page);
        if (page.doc.pending > 0) note("closed with something pending");
        stage.closing.push(page.doc.close());
      }
      break;
    case "advance":
      await server.advance(action.milliseconds);
      break;
    case "settle":
      await server.settle();
      break;
    case "evict":
      await evict(server);
      break;
    case "crash":
      server.crash();
      break;
    case "stop":
      server.call("plan").stop();
      break;
    case "call":
      server.call("plan").mutate({ ops: action.deeds.map(operationOf) });
      break;
  }
  note(action.do);
}

function isReady(doc: TreeDocument): boolean {
  return doc.root !== undefined && doc.status.state !== "closed";
}

function perform(tx: Transaction, deeds: readonly Deed[]): void {
  for (const deed of deeds) {
    if (deed.do === "insert") tx.insert(deed.node, deed);
    else if (deed.do === "update") tx.update(deed.id, deed);
    else if (deed.do === "type") tx.update(deed.id, { type: deed.type });
    else if (deed.do === "move") tx.move(deed.id, deed);
    else tx.remove(deed.id);
  }
}

function operationOf(deed: Deed): Operation {
  if (deed.do === "insert") return { op: "insert", node: deed.node, parent: deed.parent };
  if (deed.do === "update") return { op: "update", id: deed.id, attrs: deed.attrs };
  if (deed.do === "type") return { op: "update", id: deed.id, type: deed.type };
  if (deed.do === "move") return { op: "move", id: deed.id, parent: deed.parent };
  return { op: "remove", id: deed.id };
}

/** A client's timer may open a commit window in the last milliseconds that are let pass. */
async function evict(server: TestServer): Promise<void> {
  for (let left = 10; ; left--) {
    await server.settle();
    try {
      return server.evict();
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}
