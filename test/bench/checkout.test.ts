import { expect, test } from "vitest";
import { checkOut } from "../../bench/before/checkout.ts";

test("a commit that is not here is a reason, not a failure", () => {
  expect(checkOut("0123456789abcdef0123456789abcdef01234567")).toMatch(/^commit 0123456 is not in this copy/);
});
