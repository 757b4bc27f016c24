import { describe } from "vitest";
import { scenarios } from "./scenarios/index.ts";
import { perform } from "./scenarios/scenario.ts";

describe("as it is", () => {
  perform(scenarios, "awake");
});
