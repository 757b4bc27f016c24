import { topic } from "../../src/protocol/index.ts";
import { SCHEMA } from "../../src/storage.ts";
import type { Random } from "../e2e/random.ts";
import { mutateBytes, mutateStructure } from "./mutate.ts";

/** A request as it goes over the wire, and what stands in its body. */
export interface HostileRequest {
  readonly bytes: Buffer;
  readonly body: string;
  /** Whether it is such that a server has to answer it and close. */
  readonly isWhole: boolean;
}

/** Somebody's request for something of a document. The token may be one that opens it. With `keepsBody` its body comes as it is. */
export function hostileRequest(
  random: Random,
  document: string,
  token: string | null,
  keepsBody: boolean,
): HostileRequest {
  const [soundMethod, suffix, soundBody] = random.pick(SOUND);
  const method = random.below(12) > 0 ? soundMethod : random.pick(METHODS);
  const path = suffix === "/tickets" ? suffix : pathOf(random, document, suffix);
  const body = soundBody === null ? "" : bodyOf(random, soundBody.replace("DOCUMENT", document));
  const length = body === "" && random.below(4) > 0 ? null : lengthOf(random, body);
  const more = Array.from({ length: random.below(3) }, () => random.pick(HEADERS));
  const headers = [
    "Host: grove.example",
    "Connection: close",
    ...(token === null ? [] : [random.below(20) > 0 ? `Authorization: Bearer ${token}` : carried(random, token)]),
    ...(length === null ? [] : [length]),
    ...more,
  ];
  const text = `${method} ${path} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`;
  const bytes = Buffer.concat([Buffer.from(text, "latin1"), Buffer.from(body)]);
  if (!keepsBody && random.below(8) === 0) return { bytes: mutateBytes(random, bytes), body, isWhole: false };
  const isPlain = length === null || length === `Content-Length: ${Buffer.byteLength(body)}`;
  return { bytes, body, isWhole: isPlain && !more.some((header) => header.startsWith("Upgrade")) };
}

/** What a backup says of a document of two nodes, and its rows. */
const KEPT = JSON.stringify({
  ...{ salt: 1, historyFrom: 1 },
  totals: { size: 2, buried: 0, uncounted: [], more: false, large: false, doomed: [], search: null },
  counters: {
    ...{ commits: 1, mutations: 1, rejections: 0, rowsWritten: 9 },
    wakeUps: { message: 0, connect: 0, close: 0, alarm: 0, call: 1 },
  },
});
const EVENT =
  '{"seq":1,"time":1,"client":null,"mutation":null,"userId":null,"ops":[{"op":"update","id":"a","attrs":{}}]}';
const ROWS = [
  { nodes: [["r", "page", {}, null, null, null, "a", "a", 0, null, 1, null, null]] },
  { nodes: [["a", "item", {}, "r", null, null, null, null, 0, null, 0, null, null]] },
  { events: [[1, 0, 1, 1, `${EVENT}\n[]`]] },
  { end: { nodes: 2, events: 1 } },
]
  .map((line) => `${JSON.stringify(line)}\n`)
  .join("");

/** The routes, and bodies that they take. */
const SOUND: readonly [Sound, ...Sound[]] = [
  ["GET", "", null],
  ["GET", "/tree?depth=2", null],
  ["GET", "/tree?node=a&at=0", null],
  ["GET", "/history?after=0&limit=5", null],
  ["GET", "/history?order=newest&node=root&subtree=true&summary=true&inverse=true", null],
  ["GET", "/history?by=session&summary=true", null],
  ["GET", "/tree?at=version:one", null],
  ["GET", "/diff?from=0&to=version:one&node=a&after=1&limit=5", null],
  ["GET", "/diff?from=1790000000000&ops=true", null],
  [
    "POST",
    "/restore",
    '{"to":0,"node":"a","others":"remove","partly":true,"client":"h-1","mutation":1,"meta":{"a":1}}',
  ],
  ["POST", "/restore", '{"to":"version:one","dryRun":true}'],
  ["GET", "/blame?node=a&attr=text&from=0&to=9", null],
  [
    "GET",
    '/blame?node=a&before={"seq":1,"at":2,"wanted":true,"nodes":[["a",1]],"texts":[["a","text",1,[[0,1,0]]]],"asleep":[],"attrs":[["text",1]]}',
    null,
  ],
  ["GET", "/bin?after=7.1&limit=5&text=x", null],
  ["POST", "/undo", '{"user":"u","count":2,"before":9,"redo":true,"client":"h-1","mutation":1,"meta":{"a":1}}'],
  ["POST", "/undo", '{"seqs":[1,2],"dryRun":true}'],
  ["GET", "/export", null],
  ["GET", "/export?history=true", null],
  ["POST", "/fork", '{"to":"DOCUMENT-fork","at":1,"history":true}'],
  [
    "POST",
    "/import",
    `{"grove":{"version":1,"schema":${SCHEMA},"root":"r","options":{},"past":{"createdAt":1,"seq":1,"time":1,"kept":${KEPT}}}}\n${ROWS}`,
  ],
  [
    "PUT",
    "",
    '{"tree":{"id":"root","type":"page","children":[{"id":"a","type":"item"}]},"options":{"gracePeriod":5000}}',
  ],
  ["PATCH", "", '{"options":{"historyRetention":null,"conflicts":"reject"}}'],
  ["POST", "/mutations", '{"ops":[{"op":"move","id":"a","parent":"b"}],"client":"h-1","mutation":1,"base":0}'],
  [
    "POST",
    "/mutations",
    '{"ops":[{"op":"insert","node":{"type":"item","attrs":{"x":[1]}},"parent":"root"}],"meta":{"a":1}}',
  ],
  ["POST", "/import", '{"id":"root","type":"page"}\n{"id":"a","parent":"root","type":"item"}\n'],
  ["POST", "/revoke", '{"user":"honest-0","role":"read"}'],
  ["POST", "/revoke", '{"subscriber":"00000000-0000-0000-0000-000000000000"}'],
  ["POST", "/versions", '{"name":"hostile","at":0}'],
  ["PATCH", "/versions/v", '{"name":"hostile"}'],
  ["DELETE", "/versions/v", null],
  ["POST", "/stop", null],
  ["DELETE", "", null],
  ["POST", "/tickets", '{"document":"DOCUMENT"}'],
];
type Sound = readonly [method: string, suffix: string, body: string | null];

/** But CONNECT: to that workerd answers 500 by itself, and no edge lets it through. */
const METHODS: readonly [string, ...string[]] = ["HEAD", "OPTIONS", "TRACE", "get", "FOO", "", "PUT PUT", "DELETE"];

function pathOf(random: Random, document: string, suffix: string): string {
  const odd = random.below(6);
  if (odd > 1) return topic(document) + suffix;
  if (odd === 0) return topic(random.pick(IDS)) + suffix;
  return topic(document) + random.pick(SUFFIXES);
}

const IDS: readonly [string, ...string[]] = [
  ...([
    "%",
    "%zz",
    "..",
    ".",
    "%2e%2e",
    "%00",
    "a%2Fb",
    "a/b",
    "é",
    "%C3%A9",
    "%ff",
    "__proto__",
    "constructor",
  ] as const),
  ...[
    "x".repeat(129),
    "x".repeat(9_000),
    "",
    " ",
    "*",
    "team-a:*",
    "<script>",
    "..%5c..%5cwindows",
    "\t",
    "guarded/../guarded",
  ],
];
const SUFFIXES: readonly [string, ...string[]] = [
  ...([
    "/",
    "//tree",
    "/tree/",
    "/TREE",
    "/tree%00",
    "/../../healthz",
    "/%2e%2e/stop",
    "/mutations/x",
    "/constructor",
  ] as const),
  ...[
    "/tree?depth=-1",
    "/tree?depth=1e9",
    "/tree?at=99999999999999999999",
    "/tree?node=__proto__",
    "/tree?node=",
    "/tree?%",
  ],
  ...[
    "/history?after=-1",
    "/history?limit=0",
    "/history?by=day",
    "/history?by=session&inverse=true",
    "/history?order=none&summary=maybe",
    "/tree?at=version:",
    "/tree?at=999999999999999",
    "/diff?from=999999&to=-1",
    "/diff?from=version:&ops=maybe",
    "/diff?after=999999999999999&limit=1e9",
    "/diff?ops=true&node=a",
    "/restore",
    "/history?limit=1e6",
    "/history?since=x&until=y",
    "/history?after=0&after=1",
  ],
  ...[
    "/history?where.meta=x",
    `/tree?${"a=1&".repeat(2_000)}`,
    "?ticket=",
    `?ticket=${"a".repeat(64)}`,
    "#x",
    "?role=admin",
  ],
];

function bodyOf(random: Random, sound: string): string {
  const kind = random.below(4);
  if (kind === 0) return sound;
  if (kind === 1) return mutateBytes(random, Buffer.from(sound)).toString();
  const lines = sound.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.stringify(mutateStructure(random, JSON.parse(line))) ?? "").join("\n");
}

/** Where a token does not belong, or not like this. */
function carried(random: Random, token: string): string {
  return random.pick([
    ...([`authorization: bearer  ${token} `, `Authorization: Basic ${token}`, `Authorization: ${token}`] as const),
    ...[`Cookie: token=${token}`, `Sec-WebSocket-Protocol: token.${token}`, `X-Token: ${token}`],
    ...[`Authorization: Bearer ${token}\r\nAuthorization: Bearer ${token}`, `Authorization: Bearer ${token}, ${token}`],
  ]);
}

function lengthOf(random: Random, body: string): string {
  const bytes = Buffer.byteLength(body);
  if (random.below(10) > 0) return `Content-Length: ${bytes}`;
  return random.pick([
    ...(["Content-Length: -1", "Content-Length: x", "Transfer-Encoding: chunked", "Content-Length: 0"] as const),
    ...[`Content-Length: ${bytes}\r\nTransfer-Encoding: chunked`, `Content-Length: ${bytes}\r\nContent-Length: 1`],
  ]);
}

const ADMIN = encodeURIComponent('{"user":null,"role":"admin"}');
const HEADERS: readonly [string, ...string[]] = [
  ...([`X-Grove-Principal: ${ADMIN}`, `durableGrove: ${ADMIN}`, `CF-Blob: ${ADMIN}`, `MF-CF-Blob: ${ADMIN}`] as const),
  ...[
    "Origin: null",
    "Origin: https://evil.example",
    "Origin: x",
    "Upgrade: websocket",
    "Upgrade: h2c",
    "Expect: 100-continue",
  ],
  ...["Sec-WebSocket-Protocol: token.", "Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 99", "Content-Type: text/xml"],
  ...[
    "Content-Encoding: gzip",
    "Range: bytes=0-",
    "If-None-Match: *",
    "X-HTTP-Method-Override: DELETE",
    "Host: evil.example",
  ],
  ...[
    `X-Long: ${"x".repeat(20_000)}`,
    "X-Null: \0",
    "X-Latin: \xe9\xff",
    ": empty",
    "no colon",
    "Access-Control-Request-Method: PATCH",
  ],
];
