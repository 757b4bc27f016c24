import { gzipSync } from "node:zlib";
import { connect } from "../load/connection.ts";
import type { Held, Mutation, Protocol } from "../load/protocol.ts";
import { within } from "../load/within.ts";
import { type Contestant, type Stage, withDocument } from "../scenarios/scene.ts";
import { deskFor, type Rows } from "./keys.ts";
import { seat } from "./people.ts";

const PATIENCE = 120_000;
const READER = "reader";
/** Mutations that are on their way at the same time. */
const AT_ONCE = 200;

/**
 * Bytes that come to a client that was there before so many keys were pressed, everything with them. Rows of their own stand among as
 * many others as there are keys, or the whole document would be less to send.
 */
export function bytesMissed(who: Contestant, typists: number, rows: Rows, keys: number): Promise<number> {
  const desk = deskFor(typists, rows, { least: keys });
  return withDocument(who, 0, async (stage) => {
    const people = await seat(who, stage, desk, 5);
    const held = await leave(who.protocol, stage);
    for (let key = 0; key < keys; key++) await people.press(key % typists);
    await people.rest();
    return sum(await comeBack(who.protocol, stage, held));
  });
}

/** What comes to a client that was there before mutations were made, gzipped as one. */
export function gzippedMissed(who: Contestant, mutations: readonly Mutation[]): Promise<number> {
  return withDocument(who, 0, async (stage) => {
    const [first, ...rest] = mutations;
    if (!first) throw new Error("nothing is missed");
    await write(who.protocol, stage, [first]);
    const held = await leave(who.protocol, stage);
    await write(who.protocol, stage, rest);
    return gzipSync(Buffer.concat(await comeBack(who.protocol, stage, held)), { level: 9 }).length;
  });
}

async function leave(protocol: Protocol, stage: Stage): Promise<Held> {
  const reader = await connect(protocol, stage.address(), READER);
  const held = reader.held();
  await reader.close();
  return held;
}

/** The frames that come until it holds the document again. */
async function comeBack(protocol: Protocol, stage: Stage, held: Held): Promise<readonly Buffer[]> {
  const frames: Buffer[] = [];
  const listening: Protocol = {
    ...protocol,
    converse(client, before) {
      const conversation = protocol.converse(client, before);
      return {
        ...conversation,
        hear(frame) {
          frames.push(frame);
          return conversation.hear(frame);
        },
      };
    },
  };
  const reader = await connect(listening, stage.address(), READER, { held });
  await reader.close();
  return frames;
}

let writers = 0;

/** One client makes them all. */
async function write(protocol: Protocol, stage: Stage, mutations: readonly Mutation[]): Promise<void> {
  const client = `writer${writers++}`;
  const encode = protocol.encoder(client, []);
  let [sent, acknowledged] = [0, 0];
  const done = Promise.withResolvers<void>();
  const writer = await connect(protocol, stage.address(), client, {
    onFrame(heard) {
      acknowledged += heard.acknowledged;
      if (acknowledged === mutations.length) done.resolve();
      else more();
    },
    onFailure: done.reject,
  });
  const more = () => {
    for (; sent < mutations.length && sent - acknowledged < AT_ONCE; sent++) writer.send(encode(mutations[sent] ?? []));
  };
  more();
  await within(PATIENCE, `${mutations.length} mutations`, done.promise);
  await writer.close();
}

function sum(frames: readonly Buffer[]): number {
  return frames.reduce((bytes, frame) => bytes + frame.length, 0);
}
