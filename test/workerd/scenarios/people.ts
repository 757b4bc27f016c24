import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect } from "vitest";
import { type MutationBody, type MutationCall, type Problem, topic } from "../../../src/protocol/index.ts";
import type { MutationAnswer } from "../../../src/session.ts";
import { fromData, type Json, type NodeData, type Operation } from "../../../src/tree/index.ts";
import { outline } from "../../tree/outline.ts";
import { type HttpAnswer, request, stubOf } from "../http-client.ts";
import { type Client, type ClientOptions, createClient } from "./client.ts";
import { acceptanceText, refusalText } from "./texts.ts";

/**
 * What happens between every two messages: nothing; the object is evicted and its sockets hibernate; it is evicted and
 * the sockets are lost, so that everybody connects again and sends again what is unanswered. Or it hibernates between
 * every other two, the first or the second of them: what was saved when the object woke may be out of date by then.
 */
export type Mode = "awake" | "hibernating" | "closing" | "dozing" | "dozing late";

type Ops = Operation | readonly Operation[];
type More = Omit<MutationBody, "ops">;

/** Somebody with a client at a document. Each step ends when they have heard what comes of it. */
export interface Person {
  readonly client: Client;
  /** Sends one mutation and waits for its answer. */
  write(ops: Ops, more?: More): Promise<string>;
  /** Sends many mutations in one frame, and waits for all the answers. */
  writeAll(each: readonly Ops[], more?: More): Promise<string[]>;
  /** Sends mutations, and the connection is lost before an answer is read. */
  loseAnswers(each: readonly Ops[], more?: More): Promise<void>;
  present(data: Json): Promise<void>;
  say(frame: string): Promise<void>;
  leave(): Promise<void>;
  /** Closes the connection without a word. */
  go(): Promise<void>;
  /** Connects again with what they hold, catches up, sends again what is unanswered and waits for the answers. */
  comeBack(): Promise<void>;
  /** Waits for the connection to be closed by the object. */
  closedWith(code: number): Promise<void>;
  /** From now on, syncs are not answered. */
  stall(): void;
  /** Sends mutations and waits for nothing. */
  begin(each: readonly Ops[], more?: More): Promise<void>;
  /** Syncs are answered again; waits until it has caught up and has all its answers. */
  goOn(): Promise<void>;
}

export interface JoinOptions extends ClientOptions {
  /** For a second one who is the same client. */
  readonly name?: string;
  readonly stalled?: boolean;
}

/** Everyone at one document, and the eviction between every two messages of theirs. */
export interface People {
  /** How often the object was evicted. */
  readonly evictions: number;
  /** How often somebody connected again because of that, and of how many mutations the frame or the answer was lost. */
  readonly reconnections: number;
  readonly lost: { readonly frames: number; readonly answers: number };
  readonly all: ReadonlyMap<string, Person>;
  /** Joins and catches up; who is stalled from the beginning only joins. */
  join(id: string, options?: JoinOptions): Promise<Person>;
  /** Tries to join and is refused; the code of the error and of the close. */
  refused(id: string, options?: ClientOptions): Promise<string>;
  request(method: string, rest?: string, body?: unknown): Promise<HttpAnswer>;
  /** The body of an answer that has to be a success. */
  get<T>(rest?: string): Promise<T>;
  /** The tree, or what the query says of it, as an outline. */
  outline(query?: string): Promise<string>;
  /** Lets the alarm go off now; whether there was one. */
  alarm(): Promise<boolean>;
  /** When the alarm is to go off; null for never. */
  nextAlarm(): Promise<number | null>;
  /** No eviction meanwhile: for a document that only a checkpoint saves. */
  undisturbed<T>(work: () => Promise<T>): Promise<T>;
  /** A mutation by HTTP, and its answer as text. */
  post(ops: Ops, more?: Omit<MutationCall, "ops">): Promise<string>;
  /** Waits until all who are here have the same tree, that of the object's seq. */
  agree(): Promise<void>;
  /** Waits until everyone here sees exactly this, by client. */
  see(presence: Readonly<Record<string, Json>>): Promise<void>;
  until(what: string, condition: () => boolean): Promise<void>;
}

const PATIENCE = 3_000;
/** A snapshot begins anew after each eviction: one that is evicted at every sync never ends, by design (S8). */
const MOST_DISTURBED = 3;

const rest = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

export function createPeople(document: string, mode: Mode): People {
  const all = new Map<string, Person>();
  /** Whether the object has got anything since it was evicted: one that does not run cannot be evicted. */
  let running = false;
  let disturbed = mode !== "awake";
  let evictions = 0;
  let reconnections = 0;
  let sent = 0;
  let pauses = 0;
  const lost = { frames: 0, answers: 0 };

  const clients = () => [...all.values()].map(({ client }) => client);
  const here = () => clients().filter((client) => client.here);

  const evict = async () => {
    const webSockets = mode === "closing" ? "close" : "hibernate";
    // The last frame may be on its way still, to an object that sleeps.
    for (let attempt = 0; running; attempt++) {
      try {
        await evictDurableObject(stubOf(document), { webSockets });
        running = false;
        evictions++;
      } catch (error) {
        if (attempt === 20) throw error;
        await rest(5);
      }
    }
  };

  const until = async (what: string, condition: () => boolean, disturbances = MOST_DISTURBED) => {
    const deadline = Date.now() + PATIENCE;
    for (let left = disturbances; !condition(); ) {
      for (const client of clients()) await client.check();
      if (Date.now() > deadline) throw new Error(`${what} did not come`);
      const owing = clients().find(({ owesSync }) => owesSync);
      if (!owing) await rest(1);
      else {
        if (left-- > 0) await between();
        // With its connection the sync is gone.
        if (owing.owesSync) owing.answerSync();
        running = true;
      }
    }
  };

  const connect = (client: Client): Promise<boolean> => {
    running = true;
    return client.connect();
  };
  /** Everything of docs/protocol.md, section 8. */
  const reconnect = async (client: Client) => {
    await connect(client);
    if (client.stalled) return;
    await until(`${client.id} catching up`, () => client.caughtUp, 0);
    const { frames, answers } = client.resend();
    lost.frames += frames;
    lost.answers += answers;
  };

  const between = async () => {
    if (!disturbed) return;
    pauses++;
    if (mode === "dozing" && pauses % 2 === 0) return;
    if (mode === "dozing late" && pauses % 2 === 1) return;
    const cut = mode === "closing" && running ? here() : [];
    await evict();
    for (const client of cut) expect(await client.ended(), client.id).toMatchObject({ code: 1006 });
    for (const client of cut) await reconnect(client);
    reconnections += cut.length;
  };
  /**
   * Connections are lost not only after an answer. In turn: the frame gets lost on the way, which an eviction right
   * after it does; the answer gets lost; neither.
   */
  const loseSomething = async (client: Client, counters: readonly number[]) => {
    if (!disturbed || mode !== "closing") return;
    const turn = sent++ % 3;
    if (turn === 2) return;
    if (turn === 1) await client.missAnswers(counters);
    await between();
  };
  /** A frame by somebody, between evictions. */
  const send = async (frame: () => void) => {
    await between();
    frame();
    running = true;
  };

  const bodiesOf = (each: readonly Ops[], more: More = {}) =>
    each.map((ops) => ({ ...more, ops: "op" in ops ? [ops] : ops }));
  const answersOf = async (client: Client, counters: readonly number[]) => {
    await until(`the answers to ${client.id}#${counters.join()}`, () =>
      counters.every((each) => client.answers.has(each)),
    );
    return counters.map((each) => client.answers.get(each) ?? "none");
  };

  const createPerson = (client: Client): Person => {
    const writeAll: Person["writeAll"] = async (each, more) => {
      let counters: number[] = [];
      await send(() => {
        counters = client.mutate(bodiesOf(each, more));
      });
      await loseSomething(client, counters);
      return answersOf(client, counters);
    };
    return {
      client,
      writeAll,
      async write(ops, more) {
        const [answer = "none"] = await writeAll([ops], more);
        return answer;
      },
      async loseAnswers(each, more) {
        await send(() => {
          client.mutate(bodiesOf(each, more));
          client.turnAway();
          client.close();
        });
        await client.ended();
      },
      async present(data) {
        await send(() => client.present(data));
        await loseSomething(client, []);
        const seen = () => client.presence.get([...client.subscribers].at(-1) ?? "");
        await until(`${client.id}'s presence`, () => JSON.stringify(seen() ?? null) === JSON.stringify(data));
      },
      async say(frame) {
        await send(() => client.sendRaw(frame));
      },
      async leave() {
        await send(() => client.sendRaw('{"type":"leave"}'));
        expect(await client.ended()).toMatchObject({ code: 1000 });
      },
      async go() {
        await send(() => client.close());
        await client.ended();
      },
      async comeBack() {
        await between();
        await connect(client);
        await until(`${client.id} catching up`, () => client.caughtUp);
        const unanswered = client.pending;
        if (unanswered.length === 0) return;
        let again: readonly number[] = [];
        await send(() => {
          // An eviction before this has had some of it sent and answered.
          again = client.pending;
          client.resend();
        });
        if (again.length > 0) await loseSomething(client, again);
        await answersOf(client, unanswered);
      },
      async closedWith(code) {
        expect(await client.ended(), client.id).toMatchObject({ code });
      },
      stall() {
        client.stalled = true;
      },
      async begin(each, more) {
        await send(() => client.mutate(bodiesOf(each, more)));
      },
      async goOn() {
        client.stalled = false;
        await until(`${client.id} catching up`, () => client.caughtUp);
        client.resend();
        await answersOf(client, client.pending);
      },
    };
  };

  const ask: People["request"] = async (method, more = "", body = undefined) => {
    await between();
    running = true;
    return request(method, `${topic(document)}${more}`, body);
  };
  const get = async <T>(more = ""): Promise<T> => {
    const { status, text } = await ask("GET", more);
    expect(status, text.slice(0, 300)).toBe(200);
    return JSON.parse(text);
  };

  return {
    get evictions() {
      return evictions;
    },
    get reconnections() {
      return reconnections;
    },
    lost,
    all,
    async join(id, { name = id, stalled = false, ...options } = {}) {
      const client = createClient(document, id, options);
      client.stalled = stalled;
      await between();
      expect(await connect(client), `${id} is welcome`).toBe(true);
      const person = createPerson(client);
      all.set(name, person);
      if (!stalled) await until(`${id} catching up`, () => client.caughtUp);
      return person;
    },
    async refused(id, options) {
      const client = createClient(document, id, options);
      await between();
      expect(await connect(client), `${id} is welcome`).toBe(false);
      const { code } = await client.ended();
      return `${client.error} ${code}`;
    },
    request: ask,
    get,
    async outline(query = "") {
      const { tree } = await get<{ tree: NodeData }>(`/tree${query}`);
      return outline(fromData(tree, () => "no-id"));
    },
    async alarm() {
      await between();
      running = true;
      return runDurableObjectAlarm(stubOf(document));
    },
    async nextAlarm() {
      await between();
      running = true;
      return runInDurableObject(stubOf(document), (_, { storage }) => storage.getAlarm());
    },
    async undisturbed(work) {
      disturbed = false;
      const value = await work();
      disturbed = mode !== "awake";
      return value;
    },
    async post(ops, more = {}) {
      const { status, text } = await ask("POST", "/mutations", { ...more, ops: "op" in ops ? [ops] : ops });
      if (status === 200) {
        const answer: MutationAnswer = JSON.parse(text);
        return acceptanceText(answer);
      }
      const problem: Problem = JSON.parse(text);
      return refusalText(problem);
    },
    async agree() {
      const { seq } = await get<{ seq: number }>();
      const there = () => here().filter(({ stalled }) => !stalled);
      await until(`seq ${seq} for all`, () =>
        there().every(({ caughtUp, replica }) => caughtUp && replica.seq === seq),
      );
      const [first, ...others] = there();
      for (const other of others) expect(other.replica.outline(), other.id).toBe(first?.replica.outline());
    },
    async see(presence) {
      const expected = JSON.stringify(Object.entries(presence).sort());
      const clientOf = (subscriber: string) => clients().find(({ subscribers }) => subscribers.has(subscriber))?.id;
      const view = (client: Client) =>
        JSON.stringify([...client.presence].map(([name, data]) => [clientOf(name) ?? name, data]).sort());
      const agreed = () => here().every((client) => client.stalled || view(client) === expected);
      try {
        await until("the same presence for all", agreed);
      } catch (error) {
        for (const client of here()) expect(view(client), `as ${client.id} sees it`).toBe(expected);
        throw error;
      }
    },
    until,
  };
}
