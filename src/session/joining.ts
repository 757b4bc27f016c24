import { decodeInitial, type ErrorCode, encode, type Join, LIMITS, MIN_PROTOCOL, PROTOCOL } from "../protocol/index.ts";
import type { StoredDocument } from "../storage.ts";
import type { Admission } from "./admission.ts";
import type { Opening } from "./opening.ts";
import { refusedFrame } from "./presence.ts";
import { isJoined, type JoinedSubscriber, type Subscriber } from "./subscriber.ts";
import type { Subscribers } from "./subscribers.ts";

/** What joining needs of its session. */
export interface JoinContext {
  readonly documentId: string;
  readonly opening: Opening;
  readonly subscribers: Subscribers;
  readonly admission: Admission;
  commit(now: number): void;
  /** Lets go of what waits of a client for its turn. */
  forget(client: string): void;
  /** Sends a subscriber what it lacks, in turns. */
  pump(to: JoinedSubscriber, stored: StoredDocument, now: number): void;
}

/** Takes a subscriber in and begins to send it what it lacks; or says why not, and closes it. */
export function join(context: JoinContext, from: Subscriber, message: Join, now: number): void {
  const { opening, subscribers, commit } = context;
  const refusal = refusalOf(context, from, message, now);
  if (refusal) {
    subscribers.fail(from, ...refusal);
    return;
  }
  const { stored } = opening.findOrCreate(now);
  const { client, seq } = message;
  for (const other of subscribers.joined()) {
    if (other.joined.client === client) subscribers.fail(other, "replaced", `client ${client} has joined again`);
  }
  context.forget(client);
  commit(now);
  const { incarnation } = stored;
  const resumes = message.incarnation === incarnation && seq !== undefined && isLess(stored, seq);
  const mutation = stored.clients.get(client)?.mutation ?? 0;
  from.joined = {
    client,
    incarnation,
    presence: null,
    flow: { bytes: 0, asked: 0, unanswered: [] },
    feed: resumes ? { is: "log", seq, mutation, since: null } : { is: "snapshot", mutation, since: null },
    keeps: message.keeps ?? null,
    ...(message.runs && { runs: true }),
    owed: [],
    misses: null,
  };
  from.tally = stored.tally;
  if (!isJoined(from)) return;
  const refused = message.presence === undefined ? null : subscribers.presence.show(from, message.presence);
  const presence = subscribers.presence.welcome(from);
  subscribers.admit(from);
  const { user, role } = from.principal;
  const expires = context.admission.renewBefore(from);
  const welcome = encode({
    type: "welcome",
    protocol: message.protocol,
    document: context.documentId,
    subscriber: from.id,
    client,
    user,
    role,
    ...(expires !== undefined && { expires, time: now }),
    incarnation,
    seq: stored.seq,
    mutation,
    root: stored.nodes.root,
    presence,
    resume: resumes ? "delta" : "snapshot",
    ...(stored.space !== "enough" && { space: stored.space }),
  });
  subscribers.send(from, welcome);
  if (refused) subscribers.send(from, refusedFrame(from, refused));
  context.pump(from, stored, now);
}

const SPOKEN = `this server speaks protocol ${MIN_PROTOCOL === PROTOCOL ? "" : `${MIN_PROTOCOL} to `}${PROTOCOL}`;

function refusalOf(context: JoinContext, from: Subscriber, message: Join, now: number): [ErrorCode, string] | null {
  const { opening, subscribers, admission } = context;
  const { client, protocol } = message;
  if (isJoined(from)) return ["protocol", "join comes once"];
  if (protocol < MIN_PROTOCOL) return ["protocol", `${SPOKEN}, not ${protocol}: update the client`];
  if (protocol > PROTOCOL) return ["protocol", `${SPOKEN}, not ${protocol}: update the server`];
  // One who has joined already takes his own place.
  if (subscribers.full && !subscribers.joined().some(({ joined }) => joined.client === client)) {
    return ["tooMany", `at most ${LIMITS.subscribers} subscribers`];
  }
  const standing = admission.join(from, now);
  if (!standing.ok) return [standing.problem.code, standing.problem.message];
  if (!opening.find()) {
    const missing = whyNotMade(context, from, message, now);
    if (missing !== null) return ["notFound", missing];
    const tree = decodeInitial(message);
    if (!tree.ok) return [tree.problem.code, tree.problem.message];
    if (!opening.create(tree.value, opening.defaults, now)) return ["protocol", "tree: an id stands in it twice"];
  }
  const { stored } = opening.findOrCreate(now);
  if (!subscribers.belongsToAnother(client, from.principal, stored)) return null;
  return ["forbidden", `client ${client} belongs to another user`];
}

/** Why a join does not make the document that is not there; null where it does. */
function whyNotMade(
  { documentId, opening, admission }: JoinContext,
  { principal }: Subscriber,
  { incarnation }: Join,
  now: number,
): string | null {
  const none = `there is no document ${documentId}`;
  if (!admission.admit(principal, "create", now).ok || opening.creation === "explicit") return none;
  // One in memory was not deleted: it was gone with the object.
  const mayReturn = opening.creation === "join" || opening.defaults.storage === "memory";
  return incarnation === undefined || mayReturn ? null : `${none} any more; a join does not make it again`;
}

/** Takes a new connection in, which has to join. */
export function connect(subscribers: Subscribers, subscriber: Subscriber, now: number): void {
  subscribers.closeUnjoined(now);
  subscribers.add(subscriber);
}

/** Whether the log reaches back to what follows `seq`, and sending that is less than sending the tree. */
function isLess(stored: StoredDocument, seq: number): boolean {
  return stored.reaches(seq) && stored.seq - seq <= Math.max(stored.nodes.size, 100);
}
