import * as v from "valibot";
import type { NodeData, NodeId } from "../tree/index.ts";
import { byteLength } from "./bytes.ts";
import {
  count,
  decodeMutation,
  decodeNode,
  fields,
  id,
  parse,
  parseJson,
  strictFields,
  tooLong,
  whole,
} from "./decode.ts";
import { chain, failure, type Result, success } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import type { MutationBody, Role, SubscriberId } from "./messages.ts";
import { type Moment, moment } from "./moment-of.ts";
import { decodeOptions, type OptionsInput } from "./options.ts";

// What HTTP and RPC take, decoded once at the border: a body or a query string there, an argument here.

/** What a document can be created with. */
export interface CreateInput {
  readonly tree?: NodeData | undefined;
  readonly options: OptionsInput;
}
const create = strictFields({ tree: v.optional(v.unknown()), options: v.optional(v.unknown()) });

export function decodeCreate(input: unknown): Result<CreateInput> {
  const decoded = parse(create, input, "invalid", "", "the body");
  if (!decoded.ok) return decoded;
  const { tree, options: named = {} } = decoded.value;
  const options = decodeOptions(named);
  if (!options.ok) return options;
  if (tree === undefined) return success({ options: options.value });
  const most = LIMITS.nodesPerTree;
  const node = decodeNode(tree, {
    nodes: most,
    message: `at most ${most} nodes to begin with; import takes any number`,
    depth: LIMITS.depth,
  });
  return node.ok ? success({ tree: node.value, options: options.value }) : node;
}

export interface MutationAuthor {
  readonly client?: string | undefined;
  readonly mutation?: number | undefined;
}

/** A mutation by HTTP or RPC; with `client` and `mutation` it is exactly-once. */
export interface MutationCall extends MutationBody, MutationAuthor {}
const author = v.pipe(
  fields({ client: v.optional(id), mutation: v.optional(whole(1)) }),
  v.check(
    ({ client, mutation }) => (client === undefined) === (mutation === undefined),
    "client and mutation go together",
  ),
);

export function decodeMutationCall(input: unknown): Result<MutationCall> {
  return chain(decodeMutation(input), (body) => chain(decodeAuthor(input), (who) => success({ ...body, ...who })));
}

/** Who asks for what is exactly-once. */
export function decodeAuthor(input: unknown): Result<MutationAuthor> {
  return parse(author, input, "invalid", "", "the body");
}

/** What came as data and not as text, if its text is no longer than a body with a mutation may be (`tooLarge`). */
export function withinMutation(call: MutationCall): Result<MutationCall> {
  const bytes = byteLength(JSON.stringify(call));
  if (bytes <= LIMITS.mutationBytes) return success(call);
  return failure("tooLarge", `a mutation of ${bytes} bytes, at most ${LIMITS.mutationBytes} are allowed`);
}

export interface TreeQuery {
  readonly node?: NodeId | undefined;
  /** Levels below the node; 0 is the node alone. */
  readonly depth?: number | undefined;
  /** The tree as it was then. */
  readonly at?: Moment | undefined;
}
/** The same as it comes: `at` is a seq, a time from 10^11 on, or `version:NAME`. */
export type TreeInput = Omit<TreeQuery, "at"> & { readonly at?: number | string | undefined };

const tree = strictFields({ node: v.optional(id), depth: v.optional(count), at: v.optional(moment) });

export function decodeTreeQuery(input: unknown): Result<TreeQuery> {
  return parse(tree, input, "invalid", "", "the query");
}

/**
 * Takes rights away: from all connections of a user, and from the tokens that were issued to it until now, or from one connection.
 */
export type RevokeInput = {
  /** The most that is left of what the tokens say; null: nothing. With `admin` an earlier revocation is over. */
  readonly role: Role | null;
} & ({ readonly user: string } | { readonly subscriber: SubscriberId });

const revoke = strictFields({
  user: v.optional(v.pipe(v.string(), v.minLength(1, "must not be empty"), v.maxLength(LIMITS.userIdLength, tooLong))),
  subscriber: v.optional(v.string()),
  role: v.optional(v.nullable(v.picklist(["read", "write", "admin"], "must be read, write, admin or null"))),
});

export function decodeRevoke(input: unknown): Result<RevokeInput> {
  const decoded = parse(revoke, input, "invalid", "", "the body");
  if (!decoded.ok) return decoded;
  const { user, subscriber, role = null } = decoded.value;
  if (user !== undefined && subscriber === undefined) return success({ user, role });
  if (user === undefined && subscriber !== undefined) return success({ subscriber, role });
  return failure("invalid", "the body: names either a user or a subscriber");
}

/**
 * The parameters of a query string as the object that RPC would be given: `where[meta.KEY]=x` becomes
 * `{where: {meta: {KEY: "x"}}}`, and what is a number or `true` or `false` there is one here. What should be one and is not stays a
 * text, for whoever decodes it to refuse.
 */
export function readQuery(
  parameters: Iterable<readonly [string, string]>,
  numbers: readonly string[],
  flags: readonly string[] = [],
): unknown {
  const plain = new Map<string, unknown>();
  const where = new Map<string, unknown>();
  const meta = new Map<string, string>();
  for (const [key, value] of parameters) {
    const inner = /^where\[(.+)\]$/.exec(key)?.[1];
    if (inner?.startsWith("meta.")) meta.set(inner.slice("meta.".length), value);
    else if (inner !== undefined) where.set(inner, value);
    else if (numbers.includes(key) && /^\d{1,15}$/.test(value)) plain.set(key, Number(value));
    else if (flags.includes(key) && /^(true|false)$/.test(value)) plain.set(key, value === "true");
    else plain.set(key, value);
  }
  if (meta.size > 0) where.set("meta", Object.fromEntries(meta));
  if (where.size > 0) plain.set("where", Object.fromEntries(where));
  return Object.fromEntries(plain);
}

/** Parses an HTTP body; one that is empty is an empty object. */
export function readBody(text: string): Result<unknown> {
  return text === "" ? success({}) : parseJson(text, "invalid");
}
