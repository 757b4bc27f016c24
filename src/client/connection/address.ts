import type { Platform } from "./platform.ts";

/** Where a document is, and how one gets there. */
export interface Address {
  readonly platform: Platform;
  readonly url: string;
  readonly token: () => Token | undefined;
}

export type Token = string | (() => string | Promise<string>);
