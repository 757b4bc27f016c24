import { expect, it } from "vitest";
import { ERRORS, LIMITS, MIN_PROTOCOL, PROTOCOL } from "../../src/protocol/index.ts";

const WHAT_TO_DO =
  "This is part of the wire. If a peer that is older than the change would misread it (a code or close code that is gone " +
  "or means something else, a limit that is lower), raise PROTOCOL in src/protocol/version.ts and add a line to its " +
  "history; a new code or a higher limit needs no new version. Either way change docs/protocol.md, then this test.";

it("W2 the versions", () => {
  expect({ PROTOCOL, MIN_PROTOCOL }, WHAT_TO_DO).toEqual({ PROTOCOL: 2, MIN_PROTOCOL: 2 });
  expect(MIN_PROTOCOL).toBeLessThanOrEqual(PROTOCOL);
});

it("W11 the codes, with their HTTP status and close code", () => {
  const codes = Object.entries(ERRORS).map(([code, { status, close }]) => `${code} ${status} ${close ?? "-"}`);
  expect(codes.sort(), WHAT_TO_DO).toEqual([
    "cycle 409 -",
    "exists 409 -",
    "expired 410 -",
    "forbidden 403 4003",
    "full 507 -",
    "invalid 400 4022",
    "notFound 404 4004",
    "protocol 400 4010",
    "rateLimited 429 4028",
    "removed 409 -",
    "replaced 409 4009",
    "root 409 -",
    "stopped 503 4000",
    "tooDeep 409 -",
    "tooLarge 413 4013",
    "tooMany 429 4029",
    "tooSlow 503 4008",
    "unauthorised 401 4001",
    "unavailable 503 1011",
    "unseen 409 -",
  ]);
});

it("W10 a close code is used once, is one that an application may send, and every code says what to do", () => {
  const closes = Object.values(ERRORS).flatMap(({ close }) => close ?? []);
  expect(new Set(closes).size).toBe(closes.length);
  // 1011 is the one of the protocol's own that a server may choose; 4000–4999 are free.
  expect(closes.every((close) => close === 1011 || (close >= 4000 && close <= 4999))).toBe(true);
  for (const [code, { duty }] of Object.entries(ERRORS)) expect(duty, code).toMatch(/\.$/);
});

it("W4, W5 the limits", () => {
  expect(LIMITS, WHAT_TO_DO).toEqual({
    frameBytes: 1_048_576,
    bodyBytes: 33_554_432,
    mutationBytes: 4_194_304,
    parsedTreeBytes: 100_663_296,
    parsedMutationBytes: 33_554_432,
    heldBytes: 67_108_864,
    heldAnyway: 8_388_608,
    bodiesBytes: 41_943_040,
    bodies: 100,
    bodyTimeout: 30_000,
    bodyTime: 300_000,
    answersBytes: 41_943_040,
    readTimeout: 2_000,
    nodesPerTree: 500_000,
    treeBytes: 33_554_432,
    mutationsPerFrame: 256,
    operationsPerMutation: 10_000,
    nodesPerMutation: 10_000,
    changedBytes: 16_777_216,
    depth: 1_000,
    undoneAtOnce: 1_000,
    toldAtOnce: 100,
    changesPerEdit: 10_000,
    childrenJoined: 2_000,
    unseenSteps: 4_096,
    unseenBytes: 16_777_216,
    unseenPairs: 500_000,
    marksWritten: 1_048_576,
    undonePairs: 50_000,
    undoneText: 134_217_728,
    marksPerText: 2_000,
    attrsPerNode: 256,
    nameLength: 128,
    idLength: 128,
    valueDepth: 64,
    nodeBytes: 1_048_576,
    presenceBytes: 4_096,
    metaBytes: 4_096,
    userIdLength: 128,
    userNameLength: 256,
    tokenLength: 8_192,
    grantsPerToken: 256,
    shortestSecret: 32,
    clockTolerance: 300_000,
    looksPerApproval: 100_000,
    ticketRequestBytes: 1_024,
    ticketTime: 60_000,
    tickets: 1_000,
    ticketsPerUser: 32,
    jwksLength: 262_144,
    jwksAge: 600_000,
    jwksPause: 30_000,
    jwksTimeout: 5_000,
    presenceTotalBytes: 4_194_304,
    presenceShareBytes: 400,
    answersKept: 256,
    answersKeptBytes: 16_384,
    partBytes: 262_144,
    syncBytes: 262_144,
    syncsUnanswered: 4,
    unansweredBytes: 4_194_304,
    syncTimeout: 30_000,
    revocations: 1_000,
    subscribers: 5_000,
    waitingCharacters: 4_194_304,
    waitingTotal: 16_777_216,
    unjoined: 500,
    joinTimeout: 30_000,
    silence: 90_000,
    longestSilence: 180_000,
    longestRetention: 315_360_000_000,
    longestWait: 2_592_000_000,
    shortestInterval: 5_000,
    shortestSweep: 1_000,
    longestSweep: 3_600_000,
    calls: 8,
    exports: 8,
    exportTimeout: 30_000,
    importTimeout: 60_000,
    leastBytes: 1_000_000,
    mostBytes: 9_000_000_000,
    memoryBytes: 33_554_432,
    lineLength: 1_052_672,
    historyPage: 1_000,
    nodesCompared: 100_000,
    diffPage: 1_000,
    diffCharacters: 2_097_152,
    partWork: 2_621_440,
    partCharacters: 1_048_576,
    touchedPerEntry: 100,
    summaryLength: 300,
    sessionPause: 600_000,
    versions: 1_000,
    automaticVersions: 100,
    eventsReplayed: 1_000_000,
    forkRequestBytes: 1_024,
    backupLineLength: 3_145_728,
    backupCommitLength: 67_108_864,
    versionNameLength: 128,
    pastPage: 2_097_152,
    undoSearch: 16_777_216,
    blamePieces: 300,
    blameCursor: 8_192,
    binPage: 1_000,
    binCharacters: 1_048_576,
    binText: 256,
    versionsPage: 1_000,
    silenceBeforeVersion: 3_600_000,
  });
});
