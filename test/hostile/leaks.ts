/** What must stand in nothing that a server says or prints. */
export interface Leaks {
  /** Says what a text gives away; null: nothing. */
  find(text: string): string | null;
}

/** `secrets` are looked for as they are: keys, tokens, paths. */
export function createLeaks(secrets: Readonly<Record<string, string>>): Leaks {
  const known = Object.entries(secrets);
  return {
    find(text) {
      for (const [name, secret] of known) if (text.includes(secret)) return name;
      const telling = TELLING.exec(text)?.[0];
      return telling === undefined ? null : `"${telling.slice(0, 80)}"`;
    },
  };
}

/** What a token looks like, a stack trace, and a place in the code. */
const TELLING =
  /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}|\bat (async )?[\w.<>#]+ \(\S+\)|\bat \S+:\d+:\d+|\b[\w-]+\.[tj]s:\d+|node_modules|file:\/\/|worker\.js/;
