import { conflicts } from "./conflicts.ts";
import { creation } from "./creation.ts";
import { edits } from "./edits.ts";
import { exactlyOnce } from "./exactly-once.ts";
import { flow } from "./flow.ts";
import { groupCommit } from "./group-commit.ts";
import { history } from "./history.ts";
import { identity } from "./identity.ts";
import { lifecycle } from "./lifecycle.ts";
import { lives } from "./lives.ts";
import { odd } from "./odd.ts";
import { presence } from "./presence.ts";
import { resume } from "./resume.ts";
import type { Scenario } from "./scenario.ts";

export const scenarios: readonly Scenario[] = [
  ...creation,
  ...edits,
  ...conflicts,
  ...exactlyOnce,
  ...groupCommit,
  ...presence,
  ...identity,
  ...resume,
  ...flow,
  ...history,
  ...lives,
  ...lifecycle,
  ...odd,
];
