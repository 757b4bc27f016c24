#!/usr/bin/env bash
# @automerge/automerge@3.5.0: a row of a rich text is a block marker with attributes in front of its characters. One ticks a row off with
# updateBlock, another gives the same row a date with it: after the merge there are two rows, an empty one with the date, and one with
# the tick and the text. updateBlock puts a new marker in the place of the old, which both have deleted. updateSpans, told the same, writes
# into the marker that there is: one row with both.
# Expected: updateBlock updates the block, by key, as maps do everywhere else in Automerge.
# Two people who work on one list leave empty rows behind, and attributes on the wrong ones. Ours: attributes are written by
# key, and a row is one node with an id, whoever updates it (docs/spec.md, C1).
# Seen: "updateBlock: <due=Mon> <done=true>milk", "updateSpans: <done=true due=Mon>milk". Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @automerge/automerge@3.5.0
cat >run.mjs <<'JS'
import * as Automerge from "@automerge/automerge";

const list = Automerge.change(Automerge.from({ t: "" }, { actor: "aa" }), (doc) => {
  Automerge.splitBlock(doc, ["t"], 0, { type: "row" });
  Automerge.splice(doc, ["t"], 1, 0, "milk");
});
const told = (doc) => {
  const attrs = ({ type, ...rest }) => Object.entries(rest).map(([key, value]) => `${key}=${value}`).sort().join(" ");
  return Automerge.spans(doc, ["t"]).map(({ type, value }) => (type === "block" ? ` <${attrs(value)}>` : value)).join("").trim();
};
const both = (name, update) => {
  const ticked = Automerge.change(Automerge.clone(list, { actor: "bb" }), (doc) => update(doc, { type: "row", done: true }));
  const dated = Automerge.change(Automerge.clone(list, { actor: "cc" }), (doc) => update(doc, { type: "row", due: "Mon" }));
  console.log(`${name}: ${told(Automerge.merge(ticked, dated))}`);
};

both("updateBlock", (doc, block) => Automerge.updateBlock(doc, ["t"], 0, block));
both("updateSpans", (doc, value) => Automerge.updateSpans(doc, ["t"], [{ type: "block", value }, { type: "text", value: "milk" }]));
JS
seen=$(node run.mjs)
echo "$seen"
[ "$seen" = "$(printf 'updateBlock: <due=Mon> <done=true>milk\nupdateSpans: <done=true due=Mon>milk')" ]
