import { deltaFrame, encode, type Problem, type Result, success } from "../protocol/index.ts";
import { isFullOf, isRejection, type Slices, type StoredDocument } from "../storage.ts";
import { answerFrame } from "./answers.ts";
import { isOpen, type JoinedSubscriber } from "./subscriber.ts";
import type { Subscribers } from "./subscribers.ts";
import type { ClientAnswer, Committed } from "./waiting.ts";

/**
 * Tells what was committed after the seq `told`: authors their rejections, everyone the events, then authors what has
 * changed nothing, which has to come after the events that were decided before it. Returns those who get the tree anew.
 */
export function tell(
  subscribers: Subscribers,
  stored: StoredDocument,
  { texts, answers }: Committed,
  told: number,
  now: number,
): readonly JoinedSubscriber[] {
  const rejections = answers.filter(({ answer }) => isRejection(answer));
  const unchanged = answers.filter(({ answer }) => !isRejection(answer));
  // Who gets the tree anew gets all of its answers behind that.
  const anew = subscribers.startAnew(stored, texts, { seq: told, unanswered: firstOf(answers) });
  tellAuthors(subscribers, rejections);
  // Who may not be sent more by now gets these events, and what comes after them, from the log.
  subscribers.settle(stored, now, { seq: told, unanswered: firstOf(unchanged) });
  if (texts.length > 0) subscribers.broadcast(deltaFrame(texts, stored.space));
  tellAuthors(subscribers, unchanged);
  return anew;
}

/** Refuses a mutation whose counter is not used up, and that nobody remembers; false if its author had to be closed instead. */
export function rejectNow(subscribers: Subscribers, to: JoinedSubscriber, mutation: number, problem: Problem): boolean {
  if (!isOpen(to.joined.flow)) {
    subscribers.fail(to, "tooSlow", "it sends and does not read");
    return false;
  }
  subscribers.send(to, encode({ type: "reject", mutation, ...problem }));
  return true;
}

/** Sends each the beginning of the tree, one a turn: a hundred who get a mebibyte each are a hundred mebibytes at once otherwise. */
export function* oneATurn(
  all: readonly JoinedSubscriber[],
  send: (to: JoinedSubscriber, now: number) => void,
): Slices<Result<null>> {
  for (const each of all) send(each, yield);
  return success(null);
}

/** Who is behind gets its answers with what it lacks. */
function tellAuthors(subscribers: Subscribers, answers: readonly ClientAnswer[]): void {
  if (answers.length === 0) return;
  const authors = new Map(subscribers.joined().map((each) => [each.joined.client, each]));
  for (const { client, answer } of answers) {
    const author = authors.get(client);
    if (author?.joined.feed.is === "live") subscribers.send(author, answerFrame(answer));
  }
}

/** The first counter of each client in a list of answers. */
function firstOf(answers: readonly ClientAnswer[]): Map<string, number> {
  const first = new Map<string, number>();
  for (const { client, answer } of answers) if (!first.has(client)) first.set(client, answer.mutation);
  return first;
}

/** Whether a subscriber who is behind is owed so many answers that are no events that one more might not be kept for it. */
export function mayLoseAnswers(stored: StoredDocument, { client, feed }: JoinedSubscriber["joined"]): boolean {
  if (feed.is === "live") return false;
  const answers = stored.clients.get(client)?.answers ?? [];
  return isFullOf(answers.filter(({ mutation }) => mutation > feed.mutation));
}
