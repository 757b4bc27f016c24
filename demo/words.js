import { textOf } from "./rows.js";

/** What became of our mutations, in sentences; `who` names the author of an event or a rejection. */

/** What an event that answers a mutation of ours did besides: `text`, and the row it is `about`. */
export function receipts(event, asked, { view, gone }, who) {
  const says = (id) => quote(view.has(id) ? textOf(view.get(id)) : gone.get(id)?.text);
  const removedBy = (id) => (gone.has(id) ? `was removed by ${who(gone.get(id).event)}` : "was removed");
  return [
    ...(event.redirected ?? []).map((id) => {
      const place = placeOf(view, id);
      const parent = asked?.ops[0].parent;
      const why = `because its parent ${says(parent)} ${removedBy(parent)}`;
      return { about: id, text: `Your row ${says(id)} was moved to ${place}, ${why}.` };
    }),
    ...(event.rescued ?? []).map((id) => ({
      about: id,
      text: `${says(id)} was kept and is now in ${placeOf(view, id)}: somebody put it into what you removed.`,
    })),
    ...(event.removed ?? []).map((id) => ({
      about: id,
      text: `Your row ${says(id)} ${removedBy(id)}. Your change is kept with it.`,
    })),
  ];
}

/** What we removed ourselves. */
export function removal(text, below) {
  return `The row ${quote(text)} was removed${below > 0 ? `, with ${below} below it` : ""}.`;
}

/** Why a mutation of ours was not accepted. */
export function rejection(problem, who) {
  switch (problem.code) {
    case "cycle":
      return `Your move was undone: ${who(problem)} moved the other row into this one first.`;
    case "notFound":
    case "removed":
      return "Your change was undone: the row it belongs to is gone.";
    case "forbidden":
      return "Your change was undone: you may only read this document.";
    default:
      return `Your change was undone: ${problem.message}.`;
  }
}

/** What waits for an answer is nowhere else yet. */
export function waiting(count) {
  if (count === 0) return "";
  return ` ${count === 1 ? "1 change waits" : `${count} changes wait`}, in this tab only`;
}

export function quote(text) {
  if (!text) return "without text";
  return `“${text.length > 40 ? `${text.slice(0, 39)}…` : text}”`;
}

function placeOf(view, id) {
  const parent = view.get(view.get(id)?.parent);
  return !parent || parent.parent === null ? "the top level" : quote(textOf(parent));
}
