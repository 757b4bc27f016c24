import { describe } from "vitest";
import { scenarios } from "./scenarios/index.ts";
import { perform } from "./scenarios/scenario.ts";

describe("S3, S4 with all connections lost between every two messages", () => {
  perform(scenarios, "closing");
});
