import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Memory, Rates, Round, Task } from "./contest.ts";

/** A process of its own for one contestant; it lives until it is closed. */
export interface Contest {
  round(task: Task & { task: "round" }): Promise<Round>;
  rates(task: Task & { task: "rates" }): Promise<Rates>;
  memory(task: Task & { task: "memory" }): Promise<Memory>;
  close(): void;
}

export function startContest(): Contest {
  const child = fork(new URL("./contest.ts", import.meta.url), { execArgv: ["--expose-gc", "--no-warnings"] });
  return {
    async round(task) {
      const round: Round = JSON.parse(await ask(child, task));
      return round;
    },
    async rates(task) {
      const rates: Rates = JSON.parse(await ask(child, task));
      return rates;
    },
    async memory(task) {
      const memory: Memory = JSON.parse(await ask(child, task));
      return memory;
    },
    close: () => child.disconnect(),
  };
}

async function ask(child: ChildProcess, task: Task): Promise<string> {
  const ended = new AbortController();
  const gone = once(child, "exit", { signal: ended.signal }).then(([code]) => {
    throw new Error(`${task.contestant.name} ended with ${code}; its own words stand above`);
  });
  child.send(JSON.stringify(task));
  try {
    const [answer] = await Promise.race([once(child, "message", { signal: ended.signal }), gone]);
    return String(answer);
  } finally {
    // Whichever of the two is left waits for nothing.
    gone.catch(() => {});
    ended.abort();
  }
}
