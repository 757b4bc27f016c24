// node totals.mjs <vitest's JSON report> <exit code of the test command>
// Prints the totals over all suites, and exits with 0 only when the command did and tests really ran.
import { existsSync, readFileSync } from "node:fs";

const [, , reportFile, exitCode] = process.argv;
const commandFailed = exitCode !== "0";

// Without a report the types, the lint or the install failed before any test could run.
const report = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, "utf8")) : { testResults: [] };

let passed = 0;
let failed = 0;
let skipped = 0;
for (const file of report.testResults) {
  const failedBefore = failed;
  for (const { status } of file.assertionResults) {
    if (status === "passed") passed++;
    else if (status === "failed") failed++;
    else skipped++;
  }
  // A file that could not be loaded, or whose hooks failed, has no failed test of its own.
  if (file.status === "failed" && failed === failedBefore) failed++;
}
// Whatever else made the command fail (types, lint, an unhandled error) counts as one failure.
if (commandFailed && failed === 0) failed = 1;

console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = commandFailed || failed > 0 || passed === 0 ? 1 : 0;
