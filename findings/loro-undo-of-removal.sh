#!/usr/bin/env bash
# loro-crdt@1.17.1: LoroTree gives every node a TreeID that moves leave alone, yet the UndoManager does not bring a removed node back: it makes a
# new one with a new TreeID and new containers, and copies into them what it held when it was removed. What somebody else typed into it meanwhile
# stays in the old one, which nobody sees any more, and so does every link, comment, caret or selection that names the id. revertTo does the same.
# A change that was to give back the same id is merged since (loro#918); in this version the ids are new.
# Expected: a move out of the bin again, as a move is what a removal is in this tree; then the id stands, and the typing with it.
# Whoever keeps TreeIDs outside of the document has to follow them through undo. Ours: a removal that is undone gives the node back under its id,
# with what was written to it since (docs/spec.md, C8 and U5).
# Seen: "removed: 0@1", "undone: another id, text hello", "typed meanwhile: hello", "reverted: another id". Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent loro-crdt@1.17.1
cat >run.mjs <<'JS'
import { LoroDoc, LoroText, UndoManager } from "loro-crdt";

const [mine, theirs] = [new LoroDoc(), new LoroDoc()];
mine.setPeerId("1");
theirs.setPeerId("2");
const exchange = () => {
  theirs.import(mine.export({ mode: "update" }));
  mine.import(theirs.export({ mode: "update" }));
};
const tree = mine.getTree("rows");
const only = () => {
  const [{ id, meta }] = tree.toJSON();
  return { id, text: meta.text };
};

const row = tree.createNode();
row.data.setContainer("text", new LoroText()).insert(0, "hello");
mine.commit();
exchange();
const undo = new UndoManager(mine, { mergeInterval: 0 });
const seen = mine.frontiers();

tree.delete(row.id);
mine.commit();
console.log(`removed: ${row.id}`);
theirs.getTree("rows").getNodeByID(row.id).data.get("text").insert(5, " world");
theirs.commit();

undo.undo();
const back = only();
console.log(`undone: ${back.id === row.id ? "the same id" : "another id"}, text ${back.text}`);
exchange();
console.log(`typed meanwhile: ${only().text}`);

tree.delete(back.id);
mine.commit();
mine.revertTo(seen);
console.log(`reverted: ${[row.id, back.id].includes(only().id) ? "the same id" : "another id"}`);
JS
seen=$(node run.mjs)
echo "$seen"
[ "$seen" = "$(printf 'removed: 0@1\nundone: another id, text hello\ntyped meanwhile: hello\nreverted: another id')" ]
