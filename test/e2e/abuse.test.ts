import { afterAll, beforeAll, expect, test } from "vitest";
import { attacks } from "../../bench/abuse/attacks/index.ts";
import { type Outcome, run } from "../../bench/abuse/run.ts";
import { protocol } from "../../bench/load/grove.ts";
import { type Bundle, build } from "../../bench/servers/workerd.ts";

// `npm run bench -- abuse` measures; this asks only whether everybody is served, and how often who was told what.

/** Milliseconds. The attacks are the same for so short a time and for ten seconds. */
const LENGTHS = { warmUp: 200, quiet: 0, attacked: 700, after: 300 };
const PROTOCOL = new URL("../../bench/load/grove.ts", import.meta.url).href;

let bundle: Bundle;
beforeAll(async () => {
  bundle = await build("wrangler.toml");
});
afterAll(() => bundle?.remove());

async function attacked(name: string): Promise<Outcome> {
  const attack = attacks.find((each) => each.name === name);
  if (!attack) throw new Error(`there is no attack ${name}`);
  return run({ name: "now", bundle, protocol, protocolFile: PROTOCOL }, attack, LENGTHS);
}

/** What each is told at most; and what it has to be told where that is certain even on a busy machine. */
const EXPECTED: readonly { readonly name: string; readonly may: readonly string[]; readonly must?: string }[] = [
  { name: "presence", may: [] },
  { name: "rejections", may: ["cycle"], must: "cycle" },
  { name: "replace", may: ["replaced"], must: "replaced" },
  { name: "log-by-update", may: ["rateLimited"] },
  { name: "flood-inserts", may: ["rateLimited"] },
  { name: "flood-moves", may: ["rateLimited"] },
  { name: "put-existing", may: [] },
  { name: "bodies-endless", may: ["tooMany", "rateLimited"] },
];

test.each(EXPECTED)(
  "B60 beside $name those who behave are served, and nothing is lost",
  async ({ name, may, must }) => {
    const { attacked: found, rude, died, survival } = await attacked(name);
    expect(rude.failed).toBe(null);
    expect({ died, ...survival, took: 0 }).toEqual({ died: false, cameUp: true, why: null, lost: 0, took: 0 });
    const { sent, unanswered, closedBy, refused, turnedAway, acknowledged } = found.honest;
    expect({ unanswered, closedBy, refused, turnedAway }).toEqual({
      unanswered: 0,
      closedBy: {},
      refused: {},
      turnedAway: {},
    });
    expect(Math.min(sent, acknowledged.length)).toBeGreaterThan(0);
    expect(Object.keys(rude.told).filter((code) => !may.includes(code))).toEqual([]);
    if (must !== undefined) expect(rude.told[must]).toBeGreaterThan(0);
  },
);
