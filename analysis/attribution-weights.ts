/**
 * What each kind of evidence adds to the log odds of each culprit, for one unit of its strength (see EVIDENCE in
 * attribution-evidence.ts for what a unit is). Fitted on simulated fleets, rounded, and published here: this table is
 * all that the combination knows. docs/decisions/0025-attribution.md says how it was made and how it is checked.
 */
export const CULPRITS = ['BOARD', 'LAB', 'INFRASTRUCTURE', 'TEST', 'CODE'] as const;
export type Culprit = (typeof CULPRITS)[number];
export type Weights = Readonly<Record<Culprit, number>>;

const of = (board: number, lab: number, infrastructure: number, test: number, code: number): Weights => ({
  BOARD: board,
  LAB: lab,
  INFRASTRUCTURE: infrastructure,
  TEST: test,
  CODE: code,
});

export const WEIGHTS = {
  ERROR_INFRASTRUCTURE: of(0.2, -0.7, 0.9, -0.3, -0.1),
  ERROR_CONFIGURATION: of(-0.3, 1.1, -0.6, -0.2, -0.1),
  ERROR_LAVA: of(-0.5, -1, 1.4, 0.1, 0.1),
  ERROR_TEST: of(-0.2, -0.1, -0.1, -0.1, 0.6),
  ERROR_JOB: of(-0.1, -0.1, -0.1, -0.1, 0.3),
  BEFORE_KERNEL: of(0.1, 1, 0.5, -0.7, -0.8),
  AFTER_KERNEL: of(-0.4, -0.4, -0.2, -0.3, 1.3),
  KERNEL_FAULT: of(-0.1, -0.1, -0.1, -0.1, 0.3),
  DEVICE_WORSE: of(0.8, -0.1, -0.1, -0.5, -0.1),
  DEVICE_ALIKE: of(-0.4, 0, 0.2, 0, 0.2),
  LONE_DEVICE_WORSE: of(0.4, 0.1, -0.2, -0.2, -0.1),
  LAB_WORSE: of(-0.1, 0.4, -0.1, -0.2, 0),
  LAB_ALIKE: of(0.3, -0.8, 0.2, 0, 0.3),
  BUILD_WORSE_ELSEWHERE: of(0, 0, -0.1, -0.2, 0.3),
  BUILD_WORSE_HERE: of(0.1, 0, -0.2, 0, 0.1),
  BUILD_WORSE_ON_DEVICE: of(0, 0.1, 0, -0.1, 0),
  BUILD_ALIKE: of(0.1, 0.1, 0, -0.1, -0.1),
  TEST_WORSE: of(-0.1, -0.2, -0.1, 0.4, -0.1),
  LINES_FAIL: of(0, 0.1, 0, -0.1, 0),
  LINES_ALL_FAIL: of(-0.1, -0.1, -0.1, 0.8, -0.6),
  LINES_PASS: of(-0.4, 0, -0.2, -0.2, 0.7),
  LABS_PASS: of(0.2, 0.2, 0.2, 0.2, -0.7),
  LABS_FAIL: of(-0.2, -0.2, -0.1, 0, 0.4),
  TYPES_PASS: of(0, 0.2, 0.1, -0.3, 0),
  TYPES_FAIL: of(-0.1, -0.3, -0.1, -0.2, 0.6),
  PEERS_PASS: of(0.1, 0, 0, 0.2, -0.3),
  PEERS_FAIL: of(-0.1, 0, 0.2, -0.4, 0.4),
  MIXED_ON_BUILD: of(0, 0.2, 0, 0, -0.2),
  RETRY_PASSES: of(-0.1, 0.1, -0.2, 0.2, 0.1),
  RETRY_FAILS: of(0, -0.2, 0, -0.4, 0.5),
  REST_OF_JOB_FAILS: of(-0.4, -0.4, 1.7, -0.5, -0.4),
  REST_OF_JOB_PASSES: of(0.2, 0, -0.9, 0.6, 0.1),
  WORKER_FAILS: of(-0.4, -0.1, 0.7, 0, -0.3),
  WORKER_FINE: of(0.1, -0.1, -0.3, 0.3, 0),
  SAME_BUILD_FAILS: of(-0.1, -0.2, 0.6, -0.4, 0.1),
  SAME_BUILD_FINE: of(0.2, 0, -0.4, 0, 0.2),
  ISOLATED: of(0, -0.1, 0.3, 0, -0.2),
  DEVICE_BAD: of(1.2, -0.4, 0, -0.5, -0.3),
} as const satisfies Record<string, Weights>;

export type EvidenceKind = keyof typeof WEIGHTS;

/** Below it nobody is named. */
export const NAMED_FROM = 0.6;
