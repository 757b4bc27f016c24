import { LIMITS } from "../protocol/index.ts";
import type { Parts } from "../session.ts";
import { pulled } from "./pulled.ts";

/**
 * The answers of one object that are being made or sent. They are held as bytes, a part of them goes with each part that
 * is read, and what they hold together is bounded: with too much, those go of which nothing was read for longest.
 */
export interface Answers {
  begin(): Answer;
  /**
   * One that is there already, as a body; null where there is no room. What `mustBeTold` always has some, whoever else is broken off
   * for it: what has happened can't be refused any more.
   */
  whole(text: string, mustBeTold: boolean): Content | null;
  /** Bytes that are held now. */
  readonly held: number;
}

export type Content = ReadableStream<Uint8Array> | Uint8Array;

/** One of them; it has to be sent, or let go. */
export interface Answer extends Parts {
  /**
   * The body of its response: from now on it goes with what is read of it, and breaks off if nobody reads it for 30 s. One that
   * is small is given whole, and does not count.
   */
  send(): Content;
  release(): void;
}

interface Held {
  /** Bytes that it holds. */
  bytes: number;
  /** When something was read of it last; null while it is being made. */
  readAt: number | null;
  release(): void;
}

const encoder = new TextEncoder();
/** Bytes of an answer that is given whole: no more than a connection takes, whether it is read or not. */
const SMALL = 64 * 1024;
/** Bytes of one read: who takes one in `readTimeout` is left alone, which is 32 KiB a second. */
const READ = 64 * 1024;

/** `room` is how many bytes they may hold together now. */
export function createAnswers(room: () => number = () => LIMITS.answersBytes): Answers {
  const answers = new Set<Held>();
  let held = 0;
  /** Breaks off what stands longest, if it has for at least so long. */
  const breakOff = (but: Held, least: number): boolean => {
    let stalled: { answer: Held; readAt: number } | null = null;
    for (const answer of answers) {
      const { readAt } = answer;
      if (answer === but || readAt === null || Date.now() - readAt < least) continue;
      if (!stalled || readAt < stalled.readAt) stalled = { answer, readAt };
    }
    stalled?.answer.release();
    return stalled !== null;
  };
  const isAlone = (answer: Held) => answer.bytes === held;

  /** One whose parts are added with how long others must have stood to be broken off for them, and whether it waits for room. */
  const begin = () => {
    let parts: Uint8Array[] = [];
    let made = 0;
    let onRelease = () => {};
    const answer: Held = {
      bytes: 0,
      readAt: null,
      release() {
        answers.delete(answer);
        held -= answer.bytes;
        answer.bytes = 0;
        parts = [];
        onRelease();
      },
    };
    answers.add(answer);
    /** Whether there is room, once what nobody has read for so long was broken off. */
    const fits = (bytes: number, stalled: number) => {
      while (held + bytes > room() && !isAlone(answer)) {
        if (!breakOff(answer, stalled)) return false;
      }
      return true;
    };
    const add = (part: Uint8Array) => {
      parts.push(part);
      made += part.byteLength;
      answer.bytes += part.byteLength;
      held += part.byteLength;
    };
    return {
      add(part: Uint8Array, stalled: number, mustFit = true) {
        if (!fits(part.byteLength, stalled) && mustFit) return null;
        add(part);
        return made;
      },
      send() {
        const [only = new Uint8Array()] = parts;
        if (parts.length < 2 && made <= SMALL) {
          answer.release();
          return only;
        }
        answer.readAt = Date.now();
        let at = 0;
        let isOver = false;
        const { stream, fail } = pulled(() => {
          answer.readAt = Date.now();
          const [part] = parts;
          if (!part) {
            isOver = true;
            answer.release();
            return null;
          }
          // A copy: what is given to a stream of bytes takes its whole buffer along.
          const piece = part.slice(at, at + READ);
          at += READ;
          if (at >= part.byteLength) {
            parts.shift();
            at = 0;
            answer.bytes -= part.byteLength;
            held -= part.byteLength;
          }
          return piece;
        }, answer.release);
        const look = () => {
          const left = (answer.readAt ?? 0) + LIMITS.exportTimeout - Date.now();
          if (left <= 0) answer.release();
          else timer = setTimeout(look, left);
        };
        let timer = setTimeout(look, LIMITS.exportTimeout);
        onRelease = () => {
          clearTimeout(timer);
          if (!isOver) fail(new Error("nobody read the answer for too long"));
        };
        return stream;
      },
      release: answer.release,
    };
  };

  return {
    get held() {
      return held;
    },
    begin() {
      const { add, send, release } = begin();
      return { take: (text) => add(encoder.encode(text), LIMITS.readTimeout), send, release };
    },
    whole(text, mustBeTold) {
      const part = encoder.encode(text);
      if (part.byteLength <= SMALL) return part;
      const answer = begin();
      // Only what is being made may stay beside what must be told.
      const made = mustBeTold ? answer.add(part, 0, false) : answer.add(part, LIMITS.readTimeout);
      if (made !== null) return answer.send();
      answer.release();
      return null;
    },
  };
}
