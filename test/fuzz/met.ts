import { type Account, type Deed, eventOf, isUndoing } from "./account.ts";
import type { Course } from "./play.ts";
import { areAlike } from "./rules/left.ts";

/** What a script has met of what the rules are about: a fuzzer that meets nothing finds nothing. */
export function metIn({ played, undone, redone }: Course, without: Account): Set<string> {
  const met = new Set(redone.deeds.flatMap((deed) => metBy(redone, deed)));
  const undos = undone.deeds.slice(played.deeds.length);
  const others = played.deeds.filter(({ who, seq }) => who !== 0 && seq !== null);
  if (undos.some(({ seq }) => seq !== null) && others.length > 0 && areAlike(undone, without))
    met.add("left is looked at");
  if (redone.deeds.slice(undone.deeds.length).some(({ seq }) => seq !== null)) met.add("everything made again");
  return met;
}

function metBy(account: Account, deed: Deed): string[] {
  const { act, made, live, told } = deed;
  const event = eventOf(account, deed);
  const met = [act.do, ...told.map(({ why }) => `told: ${why}`)];
  if (isUndoing(deed) && made && !live) met.push(`${act.do} while away`);
  if (isUndoing(deed) && event) met.push(`${act.do} took effect`);
  if (made && !event) met.push("came to nothing");
  if (!made) met.push("refused at once");
  for (const receipt of ["redirected", "rescued", "removed"] as const) if (event?.[receipt]) met.push(receipt);
  return met;
}
