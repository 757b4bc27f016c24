import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Where Vitest remembers no times, as in CI, it begins with the largest files. These are small and take longest: begun
 * last, each would leave a core with nothing to do.
 */
const LONGEST = [
  "test/storage/sqlite.test.ts",
  "test/tree/deep-and-wide.test.ts",
  "test/session/slices.test.ts",
  "test/storage/memory.test.ts",
  "test/docs/types.test.ts",
  "test/workerd/storage.test.ts",
  "test/workerd/scenarios-dozing.test.ts",
  "test/workerd/scenarios-closing.test.ts",
  "test/e2e/idle.test.ts",
  "test/e2e/hibernation.test.ts",
];

/** Each project begins with those of its own; all else follows as it always would. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((path) => moduleId.endsWith(`/${path}`));
      return at < 0 ? LONGEST.length : at;
    };
    const byProject = Map.groupBy(await super.sort(files), ({ project }) => project);
    return [...byProject.values()].flatMap((own) => own.toSorted((one, other) => rank(one) - rank(other)));
  }
}
