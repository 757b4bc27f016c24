#!/usr/bin/env bash
# prosemirror-collab@1.3.1 with prosemirror-transform@1.12.6: one ticks a row off with setNodeAttribute, another gives the same row a colour with
# setNodeMarkup, or with what calls it (setBlockType, and updateAttributes of editors on top), at the same time. The tick is lost, whichever
# of the two reaches the server first; no step fails and nobody is told. setNodeMarkup replaces the opening of the node, so that a step that came
# first is written over, and one that comes later is taken for one on a node that was deleted, and dropped. With setNodeAttribute on both
# sides both attributes are there. A row that is ticked by setNodeMarkup while somebody presses Enter in it is not ticked either.
# Expected: setNodeAttribute changes one attribute and leaves the rest alone, so its change should survive one that names another attribute, at
# the latest where it comes second.
# Rows that people tick, colour and fold at once lose that as soon as one button uses the other call. Ours: src/prosemirror takes what an editor
# made for an update of the attributes that differ, by key (docs/spec.md, C1).
# Seen: "attribute first: red", "attribute last: red", "attributes alone: done red", "markup, then Enter: done", "Enter, then markup: nothing".
# Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent prosemirror-collab@1.3.1 prosemirror-state@1.4.4 prosemirror-model@1.25.13 prosemirror-transform@1.12.6
cat >run.mjs <<'JS'
import { collab, getVersion, receiveTransaction, sendableSteps } from "prosemirror-collab";
import { Schema } from "prosemirror-model";
import { EditorState } from "prosemirror-state";

const schema = new Schema({
  nodes: { doc: { content: "row+" }, row: { content: "text*", attrs: { done: { default: "" }, color: { default: "" } } }, text: {} },
});
const doc = schema.node("doc", null, [schema.node("row", null, schema.text("milk"))]);

// The first is at the server when the second comes.
const both = (name, first, second) => {
  const log = [];
  const states = [first, second].map((edit, clientID) => {
    const state = EditorState.create({ doc, plugins: [collab({ clientID })] });
    return state.apply(edit(state.tr, state.doc.firstChild));
  });
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
  const { done, color } = states[0].doc.firstChild.attrs;
  console.log(`${name}: ${[done, color].filter(Boolean).join(" ") || "nothing"}`);
};

const attribute = (key, value) => (tr) => tr.setNodeAttribute(0, key, value);
const markup = (key, value) => (tr, { attrs }) => tr.setNodeMarkup(0, null, { ...attrs, [key]: value });
const enter = (tr) => tr.split(3);
both("attribute first", attribute("done", "done"), markup("color", "red"));
both("attribute last", markup("color", "red"), attribute("done", "done"));
both("attributes alone", attribute("color", "red"), attribute("done", "done"));
both("markup, then Enter", markup("done", "done"), enter);
both("Enter, then markup", enter, markup("done", "done"));
JS
seen=$(node run.mjs)
echo "$seen"
wanted='attribute first: red\nattribute last: red\nattributes alone: done red\nmarkup, then Enter: done\nEnter, then markup: nothing'
[ "$seen" = "$(printf "$wanted")" ]
