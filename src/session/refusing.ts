import { type EnclosedMutation, openFrame } from "../protocol/index.ts";
import type { StoredDocument } from "../storage.ts";
import type { Item } from "./receiving.ts";
import { isOpen } from "./subscriber.ts";
import type { Subscribers } from "./subscribers.ts";
import { rejectNow } from "./telling.ts";
import { NO_ROOM, type Waiting } from "./waiting.ts";

/**
 * Refuses what was decided and could not be stored, and what was not decided yet: nothing of that has an answer. Who waits for
 * anything else has to connect again. Presence is told, as nobody remembers what was not.
 */
export function refuseWaiting(
  subscribers: Subscribers,
  { clients }: StoredDocument,
  waiting: Waiting,
  undecided: readonly Item[],
  now: number,
): void {
  const joined = new Map(subscribers.joined().map((each) => [each.joined.client, each]));
  const refused = new Set<string>();
  const refuse = (client: string, mutation: number) => {
    const author = joined.get(client);
    const name = `${mutation} ${client}`;
    if (author && !refused.has(name)) rejectNow(subscribers, author, mutation, NO_ROOM);
    refused.add(name);
  };
  for (const { client, mutation } of waiting.authors()) refuse(client, mutation);
  for (const item of undecided) {
    const mutations = mutationsOf(item);
    const client = item.from.joined?.client;
    if (!mutations || client === undefined) {
      subscribers.fail(item.from, "unavailable", "storage takes no more; join again");
      continue;
    }
    const decided = clients.get(client)?.mutation ?? 0;
    for (const { mutation } of mutations) if (mutation > decided) refuse(client, mutation);
  }
  // What else they are owed, memory alone knew.
  for (const each of subscribers.joined()) {
    const { feed, flow, owed } = each.joined;
    if (feed.is !== "live" || owed.length > 0 || !isOpen(flow))
      subscribers.fail(each, "unavailable", "storage takes no more; join again");
  }
  const { presence } = subscribers;
  let time = now;
  for (let wait = presence.untilTold(time); wait !== null; wait = presence.untilTold(time)) {
    time += wait;
    presence.tell(time);
  }
}

function mutationsOf(item: Item): EnclosedMutation[] | null {
  if ("lacks" in item) return null;
  const opened = openFrame("rest" in item ? item.rest.frame : item.frame);
  if (!opened.ok || opened.value.type !== "mutate") return null;
  const { mutations } = opened.value;
  return Array.from({ length: mutations.length }, (_, index) => mutations.at(index)).flatMap((each) =>
    each.ok ? [each.value] : [],
  );
}
