import { describe } from "vitest";
import { scenarios } from "./scenarios/index.ts";
import { perform } from "./scenarios/scenario.ts";

describe("S3 with a hibernation between every two messages", () => {
  perform(scenarios, "hibernating");
});
