#!/usr/bin/env bash
# prosemirror-state@1.4.4: whoever has switched bold on for the next character, and has not typed it yet, loses that when anything in the
# document changes, in another paragraph as well: every step of a transaction clears the stored marks (Transaction.addStep), whoever made it and
# wherever. A collaborative binding that dispatches what others type therefore has to set them again, as src/prosemirror/follow.ts does.
# Seen: "before: strong", "after: none", "set again: strong". Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent prosemirror-state@1.4.4 prosemirror-model@1.25.13 prosemirror-transform@1.12.6
cat >run.mjs <<'JS'
import { Schema } from "prosemirror-model";
import { EditorState, TextSelection } from "prosemirror-state";

const schema = new Schema({
  nodes: { doc: { content: "paragraph+" }, paragraph: { content: "text*" }, text: {} },
  marks: { strong: {} },
});
const paragraph = (text) => schema.node("paragraph", null, schema.text(text));
const told = ({ storedMarks }) => storedMarks?.map(({ type }) => type.name).join() ?? "none";

const doc = schema.node("doc", null, [paragraph("mine"), paragraph("theirs")]);
const empty = EditorState.create({ doc, selection: TextSelection.create(doc, 5) });
const mine = empty.apply(empty.tr.addStoredMark(schema.mark("strong")));
console.log(`before: ${told(mine)}`);

// Somebody else types at the end of the other paragraph.
const others = () => mine.tr.insertText("!", 13).setMeta("addToHistory", false);
console.log(`after: ${told(mine.apply(others()))}`);
console.log(`set again: ${told(mine.apply(others().setStoredMarks(mine.storedMarks)))}`);
JS
seen=$(node run.mjs)
echo "$seen"
[ "$seen" = "$(printf 'before: strong\nafter: none\nset again: strong')" ]
