import type { Platform } from "./platform.ts";

/** Where a document is, and how one gets there. */
export interface Address {
  readonly platform: Platform;
  readonly url: string;
  readonly token: () => Token | undefined;
  /** Exchanges the token for a ticket; gives the URL to connect to, which has it. */
  readonly ticket?: TicketSource | undefined;
}

export type Token = string | (() => string | Promise<string>);

export type TicketSource = (
  platform: Pick<Platform, "request">,
  url: string,
  token: string | undefined,
) => Promise<string>;
