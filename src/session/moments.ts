import { failure, type Moment, type Result, success } from "../protocol/index.ts";
import { eventsOf, type StoredDocument } from "../storage.ts";

/**
 * The seq that a moment is. `invalid` where it is yet to come, or before the document was; `expired` for a time before the
 * history; `notFound` for a version that there is not. Whether the history reaches back to it is asked by who goes there.
 */
export function seqOfMoment(document: StoredDocument, moment: Moment): Result<number> {
  if ("version" in moment) {
    const version = document.versions.find(moment.version);
    return version ? success(version.seq) : failure("notFound", `there is no version ${moment.version}`);
  }
  if ("time" in moment) return seqOfTime(document, moment.time);
  const { seq } = moment;
  return seq <= document.seq ? success(seq) : failure("invalid", `at: the document is at seq ${document.seq}`);
}

/** The last event at or before a time. Times rise with seqs. */
function seqOfTime(document: StoredDocument, time: number): Result<number> {
  const { log, historyFrom, createdAt, seq } = document;
  const [later] = log.after(0, time + 1);
  if (!later) return success(seq);
  // Typing of several commits may stand in one row.
  const before = eventsOf(later).findLast((event) => event.time <= time);
  const found = before?.seq ?? later.first - 1;
  if (found >= historyFrom) return success(found);
  if (historyFrom > 1) return failure("expired", `the history begins at seq ${historyFrom}, after that time`);
  return time >= createdAt ? success(found) : failure("invalid", `at: the document was created at ${createdAt}`);
}
