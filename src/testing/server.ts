import {
  ANYONE,
  DEFAULT_OPTIONS,
  type OptionsInput,
  type Principal,
  type Result,
  success,
  topic,
  withOptions,
} from "../protocol/index.ts";
import type { AuthorizeMutation } from "../session.ts";
import { createMemoryTables, type Tables } from "../storage.ts";
import { createTestCalls, type TestCalls } from "./calls.ts";
import { createClock } from "./clock.ts";
import { createLines, type Lines } from "./lines.ts";
import { createMachine, type Machine, type ServerEnd } from "./machine.ts";
import { createTestObject, type TestObject } from "./object.ts";
import { createRandom, randomId } from "./random.ts";
import type { Socket } from "./sockets.ts";
import { createTime } from "./time.ts";

/**
 * A server in memory that does what a real one does, and machines on a network that fails when it is told to. Nothing
 * happens by itself: time moves by `settle` and `advance` alone. The same seed and steps give the same frames.
 *
 * @example
 * const server = createTestServer();
 * const machine = server.machine();
 * const plan = openDocument(server.url("plan"), { platform: machine });
 * await server.settle();
 * machine.online = false;
 */
export interface TestServer {
  /** The address of a document, for `openDocument`. A document is made when it is first joined. */
  url(documentId: string): string;
  machine(options?: { readonly principal?: Principal }): Machine;
  /** Unix milliseconds. */
  readonly now: number;
  /**
   * Lets everything arrive that is under way, and lets happen what is due within a second (`reach`), commit windows and
   * timers of clients, until nothing moves any more. Rejects with a bug of a client or of the server, and when time is
   * passing already.
   */
  settle(): Promise<void>;
  /** Lets so much time pass, with all that happens meanwhile: timers, alarms, frames. Rejects like `settle`. */
  advance(milliseconds: number): Promise<void>;
  /**
   * Kills the object of a document, or all: memory and connections are lost, with all that is under way on them. What
   * was committed is kept, unless the document's option `storage` is `"memory"`.
   */
  crash(documentId?: string): void;
  /**
   * Lets the object of a document hibernate, or all, which none does by itself: memory is lost, connections are kept.
   * Throws within a commit window: settle first.
   */
  evict(documentId?: string): void;
  /** Calls a document as another Worker does. */
  call(documentId: string): TestCalls;
}

export interface TestServerOptions {
  /** Default 1. */
  readonly seed?: number;
  /** When it begins, Unix milliseconds. */
  readonly now?: number;
  /** The options of documents that are created without any. */
  readonly defaults?: OptionsInput;
  /** Where a document is stored, asked for once. Default: in memory, where nothing is let go. */
  readonly tables?: (documentId: string) => Tables;
  /** Whether an error of those tables is a failure of storage: everyone has to connect again. Else it is a bug. */
  readonly isFault?: (error: unknown) => boolean;
  /** Who comes with a token, or with none, to any document. Default: whoever the machine says. */
  readonly authenticate?: (token: string | null) => Result<Principal>;
  /** As with `createDocumentObject`; what it throws is a bug. */
  readonly authorizeMutation?: AuthorizeMutation;
  /** How far ahead `settle` lets time pass, in milliseconds. */
  readonly reach?: number;
  /** Awaited before every step, so that promises can run. Default: some turns, too few for I/O and real timers. */
  readonly breathe?: () => Promise<void>;
}

/** As a database does. */
const keepAll = () => createMemoryTables({ logCharacters: Number.POSITIVE_INFINITY, capacity: null });

export function createTestServer(options: TestServerOptions = {}): TestServer {
  const {
    seed = 1,
    now = 1_800_000_000_000,
    tables = keepAll,
    isFault,
    reach = 1_000,
    breathe,
    authenticate,
    authorizeMutation,
  } = options;
  const clock = createClock(now);
  const random = createRandom(seed);
  const newId = () => randomId(random);
  const defaults = withOptions(DEFAULT_OPTIONS, options.defaults ?? {});
  const objects = new Map<string, TestObject>();
  const networks: Lines[] = [];
  let parcels = 0;

  const create = (documentId: string): TestObject => {
    const disk = tables(documentId);
    const object = createTestObject({
      documentId,
      tables: () => disk,
      newId,
      // Timers with chance in them end between two milliseconds; nobody's clock does.
      now: () => Math.floor(clock.now),
      defaults: () => defaults,
      authenticate,
      authorizing: () =>
        authorizeMutation && {
          decide: authorizeMutation,
          failed(error) {
            throw error;
          },
        },
      ...(isFault && { isFault }),
    });
    objects.set(documentId, object);
    return object;
  };
  const objectOf = (documentId: string) => objects.get(documentId) ?? create(documentId);
  const chosen = (documentId: string | undefined) =>
    [...objects].flatMap(([id, object]) => (documentId === undefined || documentId === id ? [object] : []));
  const calls = (documentId: string) => createTestCalls(objectOf(documentId), objectOf);
  const connect = (documentId: string, principal: Principal, socket: Socket): ServerEnd => {
    const object = objectOf(documentId);
    const id = newId();
    object.connect(id, principal, socket);
    return {
      receive(frame) {
        if (frame !== "ping") return object.message(id, frame);
        // The platform answers in the object's stead, and wakes nobody.
        if (!object.open().includes(id)) return;
        object.pings.set(id, clock.now);
        socket.send("pong");
      },
      gone: () => object.gone(id),
    };
  };
  const time = createTime({ clock, objects, networks, breathe });

  return {
    url: (documentId) => `ws://test${topic(documentId)}`,
    machine({ principal = ANYONE } = {}) {
      const admit = (token: string | null) => (authenticate ? authenticate(token) : success(principal));
      const lines = createLines(() => parcels++);
      networks.push(lines);
      return createMachine({ admit, clock, lines, random: createRandom(seed, networks.length), connect, calls });
    },
    get now() {
      return clock.now;
    },
    settle: () => time.pass(clock.now + reach),
    async advance(milliseconds) {
      const until = clock.now + milliseconds;
      await time.pass(until);
      clock.now = until;
    },
    crash(documentId) {
      for (const object of chosen(documentId)) object.crash();
      for (const lines of networks) lines.lose(documentId);
    },
    evict(documentId) {
      for (const object of chosen(documentId)) object.evict();
    },
    call: calls,
  };
}
