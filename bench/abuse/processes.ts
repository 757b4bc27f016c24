import { type ChildProcess, fork } from "node:child_process";
import { within } from "../load/within.ts";

/** A process that does what it is ordered, one thing after the other. */
export interface Crew<Order, Answer> {
  ask(order: Order, patience: number): Promise<Answer>;
  kill(): void;
}

export function startCrew<Order extends object, Answer>(file: string): Crew<Order, Answer> {
  const child: ChildProcess = fork(file, { stdio: "inherit" });
  return {
    async ask(order, patience) {
      const answer = Promise.withResolvers<Answer>();
      const hear = (message: Reply<Answer>) => {
        if ("failed" in message) answer.reject(new Error(message.failed));
        else answer.resolve(message.done);
      };
      const gone = () => answer.reject(new Error("its process is gone"));
      child.once("message", hear).once("exit", gone);
      child.send(order);
      try {
        return await within(patience, `${file.split("/").at(-1)}`, answer.promise);
      } finally {
        child.off("message", hear).off("exit", gone);
      }
    },
    kill: () => child.kill("SIGKILL"),
  };
}

type Reply<T> = { readonly done: T } | { readonly failed: string };

/** The other side of it: answers each order that comes. */
export function serveOrders<Order, Answer>(work: (order: Order) => Promise<Answer>): void {
  const reply = (message: Reply<Answer>) => process.send?.(message);
  process.on("disconnect", () => process.exit());
  process.on("message", (order: Order) => {
    work(order).then(
      (done) => reply({ done }),
      (error: unknown) => reply({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
}
