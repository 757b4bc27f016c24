import { LIMITS } from "../../src/protocol/index.ts";
import type { Gate } from "./gate.ts";
import type { Link } from "./link.ts";
import type { Mutation } from "./mutations.ts";
import type { Sending } from "./outbox.ts";

const WINDOW = { mutations: 256, bytes: 4 * LIMITS.frameBytes };

/**
 * Sends a history. A commit depends on the one before it: on the same connection it follows at once, since a server
 * keeps the order of each; another client sends it only when it has seen the event of the one before.
 */
export function createSender(links: readonly Link[], gate: Gate) {
  const linkOfAuthor = new Map<string, Link>();
  let previous: { link: Link; sending: Sending } | null = null;

  /** Each author writes through one client; they are dealt out in the order in which they appear. */
  function linkOf(author: string): Link {
    const known = linkOfAuthor.get(author);
    if (known) return known;
    const link = links[linkOfAuthor.size % links.length];
    if (!link) throw new Error("a sender needs a link");
    linkOfAuthor.set(author, link);
    return link;
  }

  return {
    async send(mutation: Mutation): Promise<void> {
      const link = linkOf(mutation.author);
      const before = previous;
      await gate.until(() => {
        const { count, bytes } = link.unanswered();
        if (count >= WINDOW.mutations || bytes >= WINDOW.bytes) return false;
        if (!before || before.link === link) return true;
        return before.sending.seq !== null && link.seq() >= before.sending.seq;
      });
      previous = { link, sending: link.send(mutation) };
    },
    /** All that was sent is answered. */
    finished: () => gate.until(() => links.every((link) => link.unanswered().count === 0)),
  };
}
