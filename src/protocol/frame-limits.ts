const KiB = 1024;
const MiB = 1024 * KiB;

/** The limits that a client has to keep by itself, or lose its connection: apart, as they are all of them that it loads. */
export const FRAME_LIMITS = {
  /** A message on a WebSocket. */
  frameBytes: 1 * MiB,
  mutationsPerFrame: 256,
  operationsPerMutation: 10_000,
  presenceBytes: 4 * KiB,
} as const;
