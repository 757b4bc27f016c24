/** The codes that end a connection, as WebSocket close codes. */
export const CLOSES = {
  stopped: 4000,
  unauthorised: 4001,
  forbidden: 4003,
  notFound: 4004,
  tooSlow: 4008,
  replaced: 4009,
  protocol: 4010,
  tooLarge: 4013,
  invalid: 4022,
  rateLimited: 4028,
  tooMany: 4029,
  unavailable: 1011,
} as const;

export type ClosingCode = keyof typeof CLOSES;
