import { type Edit, editsOf, FILLER, type Heard, type Mutation, type Protocol } from "../../load/protocol.ts";
import { countOf, numberAt } from "../../load/scan.ts";

/** The wire of `@tldraw/sync-core` 5.4.2: its version 8, JSON as text, a push for each mutation. */
export const protocol: Protocol = {
  path: (document) => `/documents/${document}`,
  encoder(client) {
    const nextIndex = indexes(client);
    let clientClock = 0;
    return (mutation) =>
      JSON.stringify({ type: "push", clientClock: clientClock++, diff: diffOf(mutation, nextIndex) });
  },
  converse(_client, held) {
    let clock = Number(held?.clock ?? -1); // -1: it holds nothing
    // Each push that changes anything takes the room's clock one further, and what a frame says last has the highest
    // clock. So clocks count mutations, however many a frame brings: others' patches as well as one's own results.
    const advance = (to: number): number => {
      const mutations = to - clock;
      clock = to;
      return mutations;
    };
    return {
      greeting: [JSON.stringify({ ...CONNECT_REQUEST, lastServerClock: clock })],
      hear(frame) {
        switch (frame[KIND]) {
          case DATA: {
            const delivered = advance(clockAt(frame, frame.lastIndexOf(SERVER_CLOCK)));
            return { joined: false, acknowledged: countOf(PUSH_RESULT, frame), delivered, reply: null };
          }
          case CONNECT: {
            const missed = advance(clockAt(frame, frame.indexOf(SERVER_CLOCK))); // it stands before the records
            return { ...NOTHING, joined: true, delivered: held === undefined ? 0 : missed };
          }
          default:
            return NOTHING; // answers to pings, which this client does not send: the server does not need them
        }
      },
      held: () => ({ clock }),
    };
  },
};

type RecordOperation = readonly ["put" | "patch", Readonly<Record<string, unknown>>] | readonly ["remove"];

function diffOf(mutation: Mutation, nextIndex: () => string): Readonly<Record<string, RecordOperation>> {
  const diff: Record<string, RecordOperation> = {};
  for (const operation of editsOf(mutation)) {
    const id = recordId(operation.op === "insert" ? operation.node.id : operation.id);
    diff[id] = joined(id, diff[id], recordOperation(id, operation, nextIndex));
  }
  return diff;
}

/** A diff has one operation for a record. */
function joined(id: string, first: RecordOperation | undefined, second: RecordOperation): RecordOperation {
  if (first === undefined || second[0] === "remove") return second;
  if (first[0] !== "patch" || second[0] !== "patch") throw new Error(`${id} has a ${first[0]} and a ${second[0]}`);
  return ["patch", { ...first[1], ...second[1] }];
}

function recordOperation(id: string, operation: Edit, nextIndex: () => string): RecordOperation {
  switch (operation.op) {
    case "insert": {
      const { type, attrs: props = {} } = operation.node;
      return ["put", { id, typeName: "node", parentId: recordId(operation.parent), index: nextIndex(), type, props }];
    }
    case "move":
      return ["patch", { parentId: ["put", recordId(operation.parent)], index: ["put", nextIndex()] }];
    case "update":
      return ["patch", { ...propsPatch(operation), ...(operation.type && { type: ["put", operation.type] }) }];
    case "remove":
      return ["remove"]; // of this one record: children are not removed with it
  }
}

function propsPatch({ attrs = {}, unset = [] }: Extract<Edit, { op: "update" }>): object {
  const puts = Object.entries(attrs).map(([key, value]) => [key, ["put", value]]);
  const deletions = unset.map((key) => [key, ["delete"]]);
  if (puts.length + deletions.length === 0) return {};
  return { props: ["patch", Object.fromEntries([...puts, ...deletions])] };
}

function recordId(id: string | undefined): string {
  if (id === undefined) throw new Error("the writer chooses ids");
  return `node:${id}`;
}

/**
 * A client's fractional indexes, each below the last: always the first place. Like tldraw's own, which have random
 * digits at their end, they are not another client's; and they are below all that the filler took.
 */
function indexes(client: string): () => string {
  let salt = 0;
  for (const letter of client) salt = (Math.imul(salt, 31) + (letter.codePointAt(0) ?? 0)) >>> 0;
  const suffix = `${digits(salt, 2)}V`; // does not end in 0: such a key is not valid
  let next = client === FILLER ? DIGITS.length ** 5 : DIGITS.length ** 5 / 2;
  return () => `e${digits(--next, 5)}${suffix}`; // `e`: five digits stand before the fraction
}

function digits(value: number, count: number): string {
  let text = "";
  for (let rest = value; text.length < count; rest = Math.floor(rest / DIGITS.length)) {
    text = DIGITS.charAt(rest % DIGITS.length) + text;
  }
  return text;
}

/** The clock that stands here. */
function clockAt(frame: Buffer, at: number): number {
  if (at < 0) throw new Error(`a frame without a clock: ${frame.toString("utf8", 0, 100)}`);
  return numberAt(frame, at + SERVER_CLOCK.length);
}

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// A string within a record cannot be taken for these, as its quotes are escaped.
/** Where the letter is that tells the kinds of frames apart: `{"type":"data"`. */
const KIND = 9;
const DATA = 0x64;
const CONNECT = 0x63;
const SERVER_CLOCK = Buffer.from('"serverClock":');
const PUSH_RESULT = Buffer.from('{"type":"push_result"');

const NOTHING: Heard = { joined: false, acknowledged: 0, delivered: 0, reply: null };
/** The schema is that of ./records.ts, as it is serialised. */
const CONNECT_REQUEST = {
  type: "connect",
  connectRequestId: "1",
  protocolVersion: 8,
  schema: { schemaVersion: 2, sequences: {} },
};
