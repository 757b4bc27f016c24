import { historyOf, ProblemError } from "durable-grove/history";
import { useDocument } from "durable-grove/react";
import { useEffect, useState } from "react";
import { learnNames, type Maker, unknown } from "./names.ts";

/** Asks for the names of those who have made something, where they are not known; renders again when they are. */
export function useNames(makers: readonly Maker[]): void {
  const doc = useDocument();
  const [, learned] = useState("");
  const key = JSON.stringify(unknown(makers));
  useEffect(() => {
    const controller = new AbortController();
    const wanted: readonly Maker[] = JSON.parse(key);
    const learn = async () => {
      try {
        await learnNames(historyOf(doc), wanted, controller.signal);
        learned(key);
      } catch (error) {
        // Without an answer they have no names yet.
        if (!controller.signal.aborted && !(error instanceof ProblemError)) throw error;
      }
    };
    if (wanted.length > 0) void learn();
    return () => controller.abort();
  }, [doc, key]);
}
