import { describe } from "vitest";
import { scenarios } from "./scenarios/index.ts";
import { perform } from "./scenarios/scenario.ts";

describe("S3 with a hibernation between every other two messages", () => {
  perform(scenarios, "dozing");
});

describe("S3 with a hibernation between the two messages in between", () => {
  perform(scenarios, "dozing late");
});
