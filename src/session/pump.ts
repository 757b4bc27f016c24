import type { ErrorCode, SubscriberId } from "../protocol/index.ts";
import type { StoredDocument } from "../storage.ts";
import { answerFrame } from "./answers.ts";
import { oweSince } from "./owed.ts";
import { nextDelta, type Snapshot, startSnapshot } from "./parts.ts";
import { lacks } from "./restored.ts";
import { type Feed, isOpen, type JoinedSubscriber } from "./subscriber.ts";

/** So often in a row a snapshot begins anew: whoever reads so much more slowly than others write would never have it. */
const MOST_OVERTAKEN = 8;

/** What pumping needs of the connections. */
export interface PumpContext {
  /** Snapshots under way. They are lost with the memory; then the subscriber gets a new one from the beginning. */
  readonly snapshots: Map<SubscriberId, Snapshot>;
  send(to: JoinedSubscriber, text: string): void;
  save(subscriber: JoinedSubscriber): void;
  /** Sends it what it lacks of presence. */
  tellPresence(to: JoinedSubscriber): void;
  fail(subscriber: JoinedSubscriber, code: ErrorCode, message: string): void;
  /** Begins to answer the counters that it has sent again. */
  answer(to: JoinedSubscriber, document: StoredDocument, now: number): void;
}

interface Charged extends PumpContext {
  /** So many characters of the log were taken apart, which may come to few. */
  read(characters: number): void;
}

/**
 * Sends a subscriber what it lacks, as far as its socket may be sent: the rest of a snapshot, then the log, then
 * answers it missed and those that it asked for again, and presence. Nothing may wait for its commit meanwhile. After each part, which took
 * so much work, it asks whether it is to go on; false: there is more that may be sent.
 */
export function pump(
  to: JoinedSubscriber,
  document: StoredDocument,
  now: number,
  context: PumpContext,
  goesOn: (work: number) => boolean,
): boolean {
  let work = 0;
  const send: PumpContext["send"] = (each, text) => {
    work += text.length;
    context.send(each, text);
  };
  const read = (characters: number) => {
    work += characters;
  };
  while (isOpen(to.joined.flow)) {
    if (!step(to, document, now, { ...context, send, read })) return true;
    if (!goesOn(work)) return false;
    work = 0;
  }
  const { feed } = to.joined;
  if (feed.is === "live" || feed.since !== null) return true;
  to.joined.feed = { ...feed, since: now };
  context.save(to);
  return true;
}

/** A branch comes back that it does not hold: it gets the tree anew. It was told of its mutations up to the counter `told`. */
export function startAnew({ joined }: JoinedSubscriber, told: number): void {
  joined.feed = { is: "snapshot", mutation: told, since: null };
}

/**
 * The tree of now. What this client has mutated since it was told last is in it and in no delta that follows, so it is owed the
 * answers: it may have gone on while the tree was on its way, and lost the beginning of it to a hibernation.
 */
function beginSnapshot(
  { joined }: JoinedSubscriber,
  { mutation: told, overtaken }: Extract<Feed, { is: "snapshot" }>,
  document: StoredDocument,
  now: number,
): Snapshot {
  const record = document.clients.get(joined.client);
  joined.owed = oweSince(joined.owed, record, told);
  const mutation = record?.mutation ?? 0;
  joined.feed = { is: "snapshot", mutation, since: null, overtaken };
  return startSnapshot(document, now, mutation);
}

/** Sends the next part; false when there is nothing more to send. */
function step(to: JoinedSubscriber, document: StoredDocument, now: number, context: Charged): boolean {
  const { joined } = to;
  const { feed } = joined;
  if (feed.is === "snapshot") {
    const snapshot = context.snapshots.get(to.id);
    if (!snapshot) {
      context.snapshots.set(to.id, beginSnapshot(to, feed, document, now));
      return true;
    }
    const part = snapshot.next();
    if (!part) {
      // Too much has changed meanwhile: it begins anew with the tree of now, as after a hibernation.
      context.snapshots.delete(to.id);
      const overtaken = (feed.overtaken ?? 0) + 1;
      if (overtaken > MOST_OVERTAKEN) {
        context.fail(to, "tooSlow", `too much has changed since the snapshot began, ${overtaken} times in a row`);
        return false;
      }
      joined.feed = { ...feed, overtaken };
      context.save(to);
      return true;
    }
    const { frame, done } = part;
    if (done) {
      context.snapshots.delete(to.id);
      if (joined.keeps !== null) joined.keeps = snapshot.seq;
      joined.feed = { is: "log", seq: snapshot.seq, mutation: feed.mutation, since: null };
    }
    context.send(to, frame);
    return true;
  }
  if (feed.is === "log") {
    if (!document.reaches(feed.seq)) {
      // The history has expired, or was never stored: the tree has to be had anew, and with it what was answered.
      context.fail(to, "tooSlow", "what comes next is no longer kept");
      return false;
    }
    const part = nextDelta(document, feed.seq, joined.runs && joined.client);
    if (part && joined.runs) context.read(part.read);
    if (part && lacks(joined.keeps, part.restores)) {
      startAnew(to, feed.mutation);
      context.save(to);
      return true;
    }
    if (part) {
      joined.feed = { ...feed, seq: part.seq, since: null };
      context.send(to, part.frame);
      return true;
    }
    joined.feed = { is: "live" };
    for (const answer of document.clients.get(joined.client)?.answers ?? []) {
      if (answer.mutation > feed.mutation) context.send(to, answerFrame(answer));
    }
    context.save(to);
    return true;
  }
  context.answer(to, document, now);
  context.tellPresence(to);
  return false;
}
