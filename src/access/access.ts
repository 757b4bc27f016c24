import { type Result, success } from "../protocol/index.ts";
import { createKeySet, type Outlive } from "./key-set.ts";
import { readSettings, type Settings, VARIABLES } from "./settings.ts";
import { createVerify, type Verify } from "./tokens.ts";

/** A deployment's settings, and the keys that come of them. */
export interface Access {
  readonly settings: Settings;
  readonly verify: Verify;
}

/** Reads the settings of an `env` once, and again when they have changed: the keys are kept with them. */
export function keepAccess(outlive: Outlive): (env: object) => Result<Access> {
  const accessBy = (settings: Settings): Access => {
    const keySet = settings.jwksUrl === null ? null : createKeySet(settings.jwksUrl, outlive);
    return { settings, verify: createVerify(settings, keySet) };
  };
  let kept: { readonly as: string; readonly access: Result<Access> } | null = null;
  return (env) => {
    const as = JSON.stringify(VARIABLES.map((name) => Reflect.get(env, name)));
    if (kept?.as === as) return kept.access;
    const settings = readSettings(env);
    const access = settings.ok ? success(accessBy(settings.value)) : settings;
    kept = { as, access };
    return access;
  };
}
