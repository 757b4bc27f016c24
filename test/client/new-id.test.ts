import { afterEach, expect, test, vi } from "vitest";
import { newId } from "../../src/client/index.ts";

afterEach(() => void vi.unstubAllGlobals());

test("R1: ids are made up where there is no secure context, too", () => {
  const { crypto } = globalThis;
  vi.stubGlobal("crypto", { getRandomValues: (into: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(into) });
  const ids = new Set(Array.from({ length: 1_000 }, newId));
  expect(ids.size).toBe(1_000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-z]{20}$/);
});
