import { ALARM_DELAY, ALARM_RETRY, alarmToSet } from "../session.ts";

/** The one alarm of an object, and when it is set for. */
export interface Alarm {
  /** Looks that up: one that has failed too often, or whose handler was killed, is gone. Then what is due must set it again. */
  load(): Promise<void>;
  /** Sets it for what the session wants; in the same turn as what is due is written, and so both or neither. */
  arm(wanted: number | null | undefined): void;
  /** It is not set any more. */
  forget(): void;
  /**
   * It could not do its work. The platform gives up after six failures; what is due stays due. Not at once: every failure closes
   * all connections.
   */
  retry(): Promise<void>;
}

/** `wrote`: it was set or deleted, which is billed as a row. */
export function createAlarm(storage: DurableObjectStorage, wrote: () => void): Alarm {
  let setFor: number | null = null;
  /** After one that could not do its work. */
  let notBefore = 0;
  return {
    async load() {
      setFor = await storage.getAlarm();
    },
    arm(wanted) {
      const at = alarmToSet(wanted, setFor, Math.max(Date.now() + ALARM_DELAY, notBefore));
      if (at === setFor) return;
      setFor = at;
      if (at === null) void storage.deleteAlarm();
      else void storage.setAlarm(at);
      wrote();
    },
    forget() {
      setFor = null;
    },
    async retry() {
      notBefore = Date.now() + ALARM_RETRY;
      setFor = notBefore;
      await storage.setAlarm(notBefore);
    },
  };
}
