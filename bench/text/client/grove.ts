import { openDocument, type Platform, webPlatform } from "../../../src/client/index.ts";
import { encode, snapshotFrame } from "../../../src/protocol/index.ts";
import type { TextRow } from "../peer.ts";

/** A client that has just got a document of rows: nobody else, and no network. */
export function load(rows: readonly TextRow[]): () => object {
  const texts = rows.map(({ id, text }, index) =>
    JSON.stringify([id, "root", rows[index - 1]?.id ?? null, "row", { text }]),
  );
  const frames = [
    encode({
      ...{ type: "welcome", protocol: 2, document: "rows", subscriber: "s", client: "c", user: null, role: "write" },
      ...{ incarnation: "i", seq: 0, mutation: 0, root: "root", presence: {}, resume: "snapshot" },
    }),
    snapshotFrame(0, ['["root",null,null,"root",{}]', ...texts], 0),
  ];
  return () => openDocument("http://nowhere/documents/rows", { client: "c", platform: answering(frames) });
}

/** Answers a join at once. */
function answering(frames: readonly string[]): Platform {
  return {
    ...webPlatform(),
    connect(_url, events) {
      setTimeout(events.opened);
      return {
        send(text) {
          if (text.includes('"join"')) for (const frame of frames) events.received(frame);
        },
        close: () => {},
      };
    },
    after: () => () => {},
  };
}
