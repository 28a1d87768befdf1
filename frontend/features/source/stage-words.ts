/** What a record in quarantine is of. */
const WORDS: Record<string, { one: string; many: string }> = {
  job: { one: 'row of a job', many: 'rows of jobs' },
  definition: { one: 'job definition', many: 'job definitions' },
  suite: { one: 'suite', many: 'suites' },
  case: { one: 'test case', many: 'test cases' },
  log: { one: 'log', many: 'logs' },
  worker: { one: 'worker', many: 'workers' },
  device: { one: 'device', many: 'devices' },
  deviceType: { one: 'device type', many: 'device types' },
};

export function stageInWords(stage: string): { one: string; many: string } {
  return WORDS[stage] ?? { one: stage, many: stage };
}
