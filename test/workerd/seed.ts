import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    seed: number;
  }
}

/** As test/support/seed.ts has it; here the environment is the Worker's. */
export const seed = inject("seed");
