import { expect, test } from "vitest";
import type { Action } from "./script.ts";
import { act, createStage } from "./stage.ts";

test("R12, R16 what was removed once more inside what was gone, and comes back, is got from the server by who never had it", async () => {
  const stage = createStage(1, () => {});
  const actions: readonly Action[] = [
    { do: "settle" },
    { do: "offline", who: 0 },
    {
      do: "mutate",
      who: 0,
      page: 0,
      deeds: [
        { do: "remove", id: "f" },
        { do: "move", id: "b", parent: "a" },
      ],
    },
    { do: "undo", who: 0, page: 0 },
    { do: "call", deeds: [{ do: "remove", id: "b" }] },
    // Its tree comes as a snapshot, in which b and f are not, before its own mutations are sent.
    { do: "spoil", who: 0 },
    { do: "settle" },
  ];
  for (const action of actions) await act(stage, action, () => {});
  for (const { machine } of stage.profiles) machine.online = true;
  await stage.server.advance(60_000);
  await stage.server.settle();
  const pages = stage.profiles.flatMap((profile) => profile.pages);
  const state = stage.server.call("plan").getState();
  expect(pages).toHaveLength(1);
  for (const { errors, doc } of pages) {
    expect(errors).toEqual([]);
    expect(doc.toData()).toEqual(state.ok && state.value.tree);
    expect(doc.status.state).toBe("live");
  }
});
