import { describe, expect, it } from "vitest";
import { readSettings } from "../../src/access/settings.ts";

describe("W23 ALLOWED_ORIGINS", () => {
  it.each([
    "",
    "*",
    "https://app.example",
    "https://app.example:444, http://localhost:* https://a.b.example",
    "http://[::1]:8787",
  ])("may be %j", (text) => {
    expect(readSettings({ ALLOWED_ORIGINS: text }).ok).toBe(true);
  });

  it.each([
    "app.example",
    "https://app.example/",
    "https://",
    "https://app.example:",
    "https://*.example:x",
    "*.example",
  ])("may not be %j, as no page would ever come from that: it is named, and closes the deployment", (text) => {
    const settings = readSettings({ ALLOWED_ORIGINS: `https://good.example ${text}` });
    expect(settings).toMatchObject({
      ok: false,
      problem: { code: "unavailable", message: expect.stringContaining("ALLOWED_ORIGINS") },
    });
  });
});
