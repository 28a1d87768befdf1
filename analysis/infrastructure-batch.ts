/**
 * Did the results of a batch (a job, a worker's half hour) fail together? Then the board or the server was dead, and none of
 * them says anything of its test. The rule of Trunk: 80 % and more of at least ten.
 */
export function isInfrastructureBatch(
  { pass, fail }: { pass: number; fail: number },
  share = 0.8,
  atLeast = 10,
): boolean {
  const total = pass + fail;
  return total >= atLeast && fail >= share * total;
}
