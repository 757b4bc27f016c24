#!/usr/bin/env bash
# prosemirror-collab@1.3.1 with prosemirror-schema-list@1.6.0: an outline of nested lists, two people, one edit each. Where they indent
# two rows that follow each other, only the first is indented; where they lift two rows of one list, only the first is lifted. Where
# one lifts a row out of a branch and the other deletes the branch, the row that was lifted out is deleted, though it was not in what the other
# selected. Indenting wraps and lifting cuts, both as steps on ranges: rebased, such a step no longer fits and is dropped without a word,
# and a deleted range takes in whatever has come to stand in it.
# Expected: both rows are indented, as none of them touched the other; and who moves a row out of harm's way keeps it.
# Nothing diverges, so that tests for convergence see none of it; people see their Tab undone. Ours: rows are moved and removed by id, and who
# has moved one out keeps it (docs/spec.md, C2 and C7).
# Seen: "indent b, indent c: a(b) c", "lift x, lift z: a x(y z)", "lift y, delete a: b". Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent prosemirror-collab@1.3.1 prosemirror-schema-list@1.6.0 prosemirror-state@1.4.4 \
  prosemirror-model@1.25.13 prosemirror-transform@1.12.6
cat >run.mjs <<'JS'
import { collab, getVersion, receiveTransaction, sendableSteps } from "prosemirror-collab";
import { Schema } from "prosemirror-model";
import { liftListItem, sinkListItem } from "prosemirror-schema-list";
import { EditorState, TextSelection } from "prosemirror-state";

const schema = new Schema({
  nodes: { doc: { content: "list" }, list: { content: "item+" }, item: { content: "paragraph list?" }, paragraph: { content: "text*" }, text: {} },
});
const { list, item, paragraph } = schema.nodes;
const row = (text, ...below) =>
  item.create(null, [paragraph.create(null, schema.text(text)), ...(below.length > 0 ? [list.create(null, below)] : [])]);
const outline = (...rows) => schema.node("doc", null, [list.create(null, rows)]);
const told = (node) => node.content.content.map((row) => row.textContent[0] + (row.childCount > 1 ? `(${told(row.child(1))})` : "")).join(" ");
const find = (doc, text) => {
  let at;
  doc.descendants((node, pos) => void (node.type === item && node.firstChild.textContent === text && (at = pos)));
  return at;
};

const key = (command) => (text) => (state) => {
  let tr;
  const there = state.apply(state.tr.setSelection(TextSelection.create(state.doc, find(state.doc, text) + 2)));
  if (!command(there, (made) => (tr = made))) throw new Error("the command does not apply");
  return there.apply(tr);
};
const [indent, lift] = [key(sinkListItem(item)), key(liftListItem(item))];
const remove = (text) => (state) => {
  const at = find(state.doc, text);
  return state.apply(state.tr.delete(at, at + state.doc.nodeAt(at).nodeSize));
};

const both = (name, doc, first, second) => {
  const log = [];
  const states = [first, second].map((edit, clientID) => edit(EditorState.create({ doc, plugins: [collab({ clientID })] })));
  const pull = (i) => {
    const missed = log.slice(getVersion(states[i]));
    states[i] = states[i].apply(receiveTransaction(states[i], missed.map(({ step }) => step), missed.map(({ clientID }) => clientID)));
  };
  for (const i of [0, 1]) {
    pull(i);
    const sent = sendableSteps(states[i]);
    for (const step of sent?.steps ?? []) log.push({ step, clientID: sent.clientID });
  }
  for (const i of [0, 1]) pull(i);
  if (!states[0].doc.eq(states[1].doc)) throw new Error("they differ");
  console.log(`${name}: ${told(states[0].doc.firstChild)}`);
};

both("indent b, indent c", outline(row("a"), row("b"), row("c")), indent("b"), indent("c"));
both("lift x, lift z", outline(row("a", row("x"), row("y"), row("z"))), lift("x"), lift("z"));
both("lift y, delete a", outline(row("a", row("x"), row("y")), row("b")), lift("y"), remove("a"));
JS
seen=$(node run.mjs)
echo "$seen"
[ "$seen" = "$(printf 'indent b, indent c: a(b) c\nlift x, lift z: a x(y z)\nlift y, delete a: b')" ]
