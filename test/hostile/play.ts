import { openFrame } from "../../src/protocol/index.ts";
import { createRandom, type Random } from "../e2e/random.ts";
import { MAY_CLOSE, problemOfAnswers } from "./answers.ts";
import { ask } from "./ask.ts";
import { ARENA, GUARDED, RUINS, type Sent } from "./documents.ts";
import { type Frame, hostileFrame, hostileJoin } from "./frames.ts";
import type { Leaks } from "./leaks.ts";
import { joinFrame, say } from "./listen.ts";
import { hostileRequest } from "./requests.ts";
import { badToken, tokenOf } from "./tokens.ts";

/** What a play is played against. */
export interface Field {
  readonly seed: number;
  readonly url: string;
  readonly port: number;
  readonly leaks: Leaks;
  /** What may have changed the arena. */
  readonly sent: Sent;
}

/** What came of one. */
export interface Played {
  readonly frames: number;
  readonly requests: number;
  /** How it ended: a status or a close code. */
  readonly end: string;
  readonly problem: string | null;
}

/** Play number so of this seed, by the one at this place: a connection with its frames, or a request. Its randomness is its own. */
export async function play(field: Field, number: number, place: number): Promise<Played> {
  const random = createRandom(field.seed ^ Math.imul(number + 1, 0x9e3779b1));
  const attacker = attackerOf(random, place);
  const played = random.below(5) < 2 ? playFrames : playRequest;
  return played(field, random, attacker, `h-${place}-${Math.floor(number / 200)}`);
}

interface Attacker {
  readonly document: string;
  readonly token: string | null;
}

/** Nobody, somebody with a bad token, a reader; and who may write or do everything, where that is his. */
function attackerOf(random: Random, place: number): Attacker {
  const user = `user-${place}`;
  const ruin = random.pick(RUINS);
  return random.pick<() => Attacker>([
    () => ({ document: GUARDED, token: null }),
    () => ({ document: GUARDED, token: badToken(random, GUARDED) }),
    () => ({ document: GUARDED, token: tokenOf(user, `${GUARDED}-*`, "admin") }),
    () => ({ document: GUARDED, token: tokenOf(user, GUARDED, "read") }),
    () => ({ document: GUARDED, token: tokenOf(user, "guard*", "read") }),
    () => ({ document: ARENA, token: tokenOf(user, ARENA, "write") }),
    () => ({ document: ARENA, token: tokenOf(user, ARENA, "write") }),
    () => ({ document: ruin, token: tokenOf(user, "ruin-*", "admin") }),
  ])();
}

async function playFrames(
  { url, leaks, sent }: Field,
  random: Random,
  { document, token }: Attacker,
  client: string,
): Promise<Played> {
  const join = random.below(6) > 0 ? joinFrame(client) : hostileJoin(random);
  const frames = [join, ...framesOf(random)];
  // What follows a `join` that is not sound is sent as nobody, so the client of all of it is known.
  if (document === ARENA) for (const frame of frames) sent.frame(clientOf(join) ?? client, frame);
  const inHeader = random.below(4) === 0;
  const protocols = ["durable-grove.v1", ...(token === null || token === "" || inHeader ? [] : [`token.${token}`])];
  const headers = token !== null && inHeader ? { authorization: `Bearer ${token}` } : {};
  const address = `${url.replace("http", "ws")}/documents/${document}${random.pick(["", "", "", "?ticket=x", "?token=y"])}`;
  const { texts, code, reason } = await say(address, protocols, headers, frames);
  const welcomed = texts[0]?.startsWith('{"type":"welcome"') === true;
  const leak = leaks.find(texts.join("\n")) ?? leaks.find(reason);
  const bytes = () => frames.map((each) => JSON.stringify(each.bytes.toString("latin1").slice(0, 300))).join("\n  ");
  return {
    // Whom nobody lets in has sent the rest to nobody.
    frames: welcomed ? frames.length : 1,
    requests: 1,
    end: `${code}`,
    problem:
      leak !== null
        ? `a frame gives away ${leak}`
        : MAY_CLOSE.has(code)
          ? null
          : `closed with ${code} ${reason}:\n  ${bytes()}`,
  };
}

/** Some that a connection survives, and at times one that it does not. */
function framesOf(random: Random): readonly Frame[] {
  const frames: Frame[] = [];
  for (let left = random.below(60); left > 0; left--) {
    const frame = hostileFrame(random, frames.length * 10);
    if (survives(frame)) frames.push(frame);
    else if (random.below(6) === 0) return [...frames, frame];
  }
  return frames;
}

function survives({ bytes, binary }: Frame): boolean {
  const text = bytes.toString();
  if (binary || !Buffer.from(text).equals(bytes)) return false;
  const opened = openFrame(text);
  return opened.ok && (opened.value.type === "mutate" || opened.value.type === "presence");
}

function clientOf({ bytes }: Frame): string | null {
  const opened = openFrame(bytes.toString());
  return opened.ok && opened.value.type === "join" ? opened.value.client : null;
}

async function playRequest(
  { port, leaks, sent }: Field,
  random: Random,
  { document, token }: Attacker,
): Promise<Played> {
  const request = hostileRequest(random, document, token, document === ARENA);
  if (document === ARENA) sent.body(request.body);
  const { text, ended } = await ask(port, request.bytes, request.isWhole);
  const leak = leaks.find(text);
  const bytes = () => JSON.stringify(request.bytes.toString("latin1").slice(0, 600));
  const wrong = text === "" ? (request.isWhole && !ended ? "it was never answered" : null) : problemOfAnswers(text);
  return {
    frames: 0,
    requests: 1,
    end: /^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? "none",
    problem:
      leak !== null
        ? `an answer gives away ${leak}: ${text.slice(0, 400)}`
        : wrong && `${wrong}: ${bytes()}\n  → ${JSON.stringify(text.slice(0, 400))}`,
  };
}
