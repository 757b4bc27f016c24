import { LIMITS } from "../protocol/index.ts";

/**
 * How many bytes somebody may hold, who may hold so many at most: of the total what others leave, and always a little, so that
 * nobody can keep everyone else out.
 */
export function roomBeside(others: number, most: number): number {
  return Math.min(most, Math.max(LIMITS.heldAnyway, LIMITS.heldBytes - others));
}
