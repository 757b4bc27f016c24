import { existsSync } from "node:fs";
import chromium from "@sparticuz/chromium";
import { type Browser, chromium as playwright } from "playwright-core";

/** Starts a real Chromium, without a window. CHROME_PATH names another one than the packaged one. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROME_PATH ?? (await chromium.executablePath());
  if (!existsSync(executablePath)) throw new Error(`no browser at ${executablePath}`);
  return playwright.launch({ executablePath, args: ["--no-sandbox"] });
}
