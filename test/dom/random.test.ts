import fc from "fast-check";
import { expect, test } from "vitest";
import { createMirror } from "../../src/dom/mirror.ts";
import { createChannel } from "./channel.ts";
import { fakeField } from "./field.ts";

// Every unit that anybody types is another one, so that what stands where says who it is.

const at = fc.double({ min: 0, max: 1, noNaN: true });
const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("type"), start: at, length: fc.nat({ max: 3 }), typed: fc.nat({ max: 3 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("elsewhere"),
      start: at,
      length: fc.nat({ max: 3 }),
      typed: fc.nat({ max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("select"), start: at, length: fc.nat({ max: 3 }), typed: fc.constant(0) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("settle", "hold", "letGo"),
      start: at,
      length: fc.constant(0),
      typed: fc.constant(0),
    }),
  },
);

test("[X70] [X73] [X74] whatever is typed, composed and done elsewhere: nothing is lost, and the caret stays where it is", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      let letters = 0x4e00;
      const fresh = (count: number) => Array.from({ length: count }, () => String.fromCharCode(letters++)).join("");
      const channel = createChannel(fresh(5));
      const [text, other] = [channel.join(), channel.join()];
      const field = fakeField();
      const mirror = createMirror(field, text);
      let holds = false;
      const deleted = new Set<string>();
      const typed = new Set(channel.value);
      /** Written while nobody composes, a field keeps its caret between the same units. */
      const watched = (act: () => void) => {
        const [before, caret] = [field.read(), field.selected()];
        act();
        const after = field.read();
        const [from, to] = [caret, field.selected()];
        if (!from || !to || from.start !== from.end) return;
        expect(to.start).toBe(to.end);
        for (const [index, unit] of [...before].entries()) {
          const now = after.indexOf(unit);
          if (now >= 0) expect(now < to.start).toBe(index < from.start);
        }
        // What came right at it is behind it.
        const left = before.charAt(from.start - 1);
        if (from.start === 0) expect(to.start).toBe(0);
        else if (after.includes(left)) expect(to.start).toBe(after.indexOf(left) + 1);
      };
      for (const { do: name, start, length, typed: count } of actions) {
        const place = (whole: string) => {
          const from = Math.round(start * whole.length);
          return { start: from, end: Math.min(whole.length, from + length) };
        };
        if (name === "type") {
          if (length > 0) field.select(place(field.read()));
          const { start: from, end } = field.selected() ?? place(field.read());
          for (const unit of field.read().slice(from, end)) deleted.add(unit);
          const put = fresh(count);
          for (const unit of put) typed.add(unit);
          field.type(put);
          mirror.read();
        } else if (name === "elsewhere") {
          const { start: from, end } = place(other.value);
          for (const unit of other.value.slice(from, end)) deleted.add(unit);
          const put = fresh(count);
          for (const unit of put) typed.add(unit);
          const changes = [from, put, from - end].filter((change) => change !== 0 && change !== "");
          if (put || end > from) other.edit(changes);
        } else if (name === "select") field.select(place(field.read()));
        else if (name === "settle") holds ? channel.settle() : watched(channel.settle);
        else if (name === "hold") {
          holds = true;
          mirror.hold();
        } else {
          holds = false;
          watched(mirror.letGo);
        }
      }
      mirror.letGo();
      channel.settle();
      expect(field.read()).toBe(text.value);
      expect(text.value).toBe(other.value);
      expect(text.value).toBe(channel.value);
      expect(new Set(text.value)).toEqual(new Set([...typed].filter((unit) => !deleted.has(unit))));
      expect(new Set(text.value).size).toBe(text.value.length);
    }),
    { numRuns: 2_000 },
  );
});
