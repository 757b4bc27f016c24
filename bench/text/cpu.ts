/** Microseconds of processor that work takes in this process, collecting garbage with it: other work on the machine is not in them. */
export function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
