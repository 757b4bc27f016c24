import type { Attack } from "../kinds.ts";
import { access } from "./access.ts";
import { amplify } from "./amplify.ts";
import { answers } from "./answers.ts";
import { copies } from "./copies.ts";
import { floods } from "./floods.ts";
import { history } from "./history.ts";
import { http } from "./http.ts";
import { joins } from "./joins.ts";
import { presence } from "./presence.ts";
import { storage } from "./storage.ts";
import { texts } from "./texts.ts";
import { weight } from "./weight.ts";

/** All there are, in the order of the report. */
export const attacks: readonly Attack[] = [
  ...presence,
  ...weight,
  ...texts,
  ...joins,
  ...answers,
  ...amplify,
  ...floods,
  ...http,
  ...storage,
  ...access,
  ...history,
  ...copies,
];
