import { expect } from "vitest";
import { LIMITS, type Principal } from "../../src/protocol/index.ts";
import { update } from "../tree/document.ts";
import { join, type Member } from "./socket-client.ts";

/** What is written in more bytes than any other that a character of presence may be. */
const PRESENCE = `${"x".repeat(LIMITS.presenceBytes - 5)}€`;

/**
 * Joins a document whose seq is 0 and makes the object remember as much of that connection as can be: all at its bound, and the
 * answers that it asks for again and does not read. `meanwhile` happens while it has just joined.
 */
export async function fillAttachment(
  id: string,
  principal: Principal,
  meanwhile: (full: Member) => Promise<void> = async () => {},
): Promise<{ readonly full: Member; readonly witness: Member; readonly presence: string }> {
  const witness = await join(id, "witness");
  // A platform limit: 16 KiB, two bytes for each character as soon as one of them needs two.
  const full = await join(id, "c".repeat(128), { presence: PRESENCE, answersSyncs: false, principal });
  await meanwhile(full);
  const largest = Number.MAX_SAFE_INTEGER;
  const repeat = (counters: readonly number[]) =>
    full.send({ type: "mutate", mutations: counters.map((mutation) => ({ mutation, ops: [] })) });
  repeat([largest]);
  await full.answer(largest);
  // It stops reading, so that what it asks for again has to be remembered.
  for (let index = 0; index < 24; index++)
    await witness.write(update("root", { x: String(index % 10).repeat(64 * 1024) }));
  repeat(Array.from({ length: 256 }, (_, index) => largest - 2 * index));
  full.send({ type: "sync", n: 0 }); // whatever is saved of it is saved now
  expect(await witness.write(update("root", { x: 1 }))).toMatchObject({ seq: 25 });
  return { full, witness, presence: PRESENCE };
}
