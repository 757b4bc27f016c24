import { type Contestant, DOCUMENT, withDocument } from "../scenarios/scene.ts";
import { deskFor } from "./keys.ts";
import { seat } from "./people.ts";

/** Keys that somebody presses in a minute, after which a document is brought to rest: a checkpoint, or a save. */
const KEYS_A_MINUTE = 300;

/**
 * Bytes by which the database grows for each key of one person in a row of so many characters. The pace is not kept, but each key has its
 * answer, and so its commit, before the next; and each minute of them ends as a minute does.
 */
export function bytesOfKey(who: Contestant, length: number, minutes: number): Promise<number> {
  return withDocument(who, 0, async ({ served, ...stage }) => {
    const people = await seat(who, { served, ...stage }, deskFor(1, "own", { length }), 7);
    const minute = async () => {
      for (let key = 0; key < KEYS_A_MINUTE; key++) await people.press(0);
      await people.rest();
      await who.system.settle(served, DOCUMENT);
    };
    // Tables that have nothing in them have a page all the same.
    await minute();
    const before = await served.cost(DOCUMENT);
    for (let done = 0; done < minutes; done++) await minute();
    const after = await served.cost(DOCUMENT);
    return (after.databaseSize - before.databaseSize) / (minutes * KEYS_A_MINUTE);
  });
}
