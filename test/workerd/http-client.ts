import { env, exports } from "cloudflare:workers";
import { expect } from "vitest";
import { ERRORS, type ErrorCode, topic } from "../../src/protocol/index.ts";
import { fromData, type NodeData } from "../../src/tree/index.ts";
import { fromOutline, outline } from "../tree/outline.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

/** A request to the Worker. Its body is always read: an unread one keeps the object from being evicted for 30 s. */
export async function request(method: string, path: string, body?: unknown): Promise<HttpAnswer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const url = `http://localhost${path}`;
  const response = await exports.default.fetch(url, { method, ...(body !== undefined && { body: text }) });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

/** The body of an answer that has to be a success. */
export async function call<T>(method: string, path: string, body?: unknown, status = 200): Promise<T> {
  const answer = await request(method, path, body);
  expect(answer.status, `${method} ${path.slice(0, 200)}: ${answer.text.slice(0, 300)}`).toBe(status);
  expect(answer.type).toBe("application/json");
  return JSON.parse(answer.text);
}

export interface ProblemBody {
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly op?: number;
  readonly seq?: number;
  readonly client?: string | null;
}

/** The problem that the answer has to be: RFC 9457 with a code of the closed list, and nothing of the inside (H4). */
export async function problem(method: string, path: string, body?: unknown): Promise<ProblemBody> {
  const { status, type, text } = await request(method, path, body);
  expect(type, text.slice(0, 300)).toBe("application/problem+json");
  expect(text).not.toMatch(STACK);
  const parsed: ProblemBody = JSON.parse(text);
  expect(parsed).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
  expect(ERRORS[parsed.code].status).toBe(status);
  return parsed;
}

/** What a stack trace looks like inside a text. */
export const STACK = /\bat \S+ \(|\bat .*:\d+:\d+|\.[tj]s:\d+|node_modules/;

let documents = 0;

/** Creates a document with this outline; returns its id, which is like no other: storage lasts for the whole file. */
export async function openDocument(name: string, tree: string, options: object = {}): Promise<string> {
  const id = `${name}-${++documents}`;
  await call("PUT", topic(id), { tree: fromOutline(tree), options }, 201);
  return id;
}

/** The tree that the object gives out, as an outline. */
export async function treeOf(id: string, query = ""): Promise<string> {
  const { tree } = await call<{ tree: NodeData }>("GET", `${topic(id)}/tree${query}`);
  return outline(fromData(tree, () => "no-id"));
}

export function stubOf(id: string) {
  return env.DOCUMENTS.getByName(id);
}
