import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attribute, combine } from '#analysis/attribution.ts';
import { type Facts, gatherEvidence } from '#analysis/attribution-evidence.ts';
import { countOutcomes, type Outcome, type Versus } from '#analysis/attribution-facts.ts';
import { CULPRITS, type EvidenceKind, WEIGHTS } from '#analysis/attribution-weights.ts';

const NAMES = {
  subject: 'test',
  device: 'bbb-04',
  boards: 'other boards',
  deviceType: 'bbb',
  lab: 'gamma',
  worker: 'gamma-worker',
  build: 'v6.12',
} as const;

const NONE = { failed: 0, runs: 0 };
const NOTHING: Facts = {
  names: NAMES,
  end: null,
  failedAction: null,
  namesKernelFault: false,
  device: [],
  loneDevice: [],
  lab: [],
  build: { elsewhere: null, here: null, onDevice: null },
  test: null,
  lines: null,
  onBuild: { labsPassing: 0, labsFailing: 0, peers: NONE, retries: NONE, types: NONE },
  restOfJob: null,
  others: NONE,
  worker: { unrelated: NONE, sameBuild: NONE },
  deviceWentBad: false,
};

function versus(failed: number, runs: number, othersFailed: number, othersRuns: number): Versus {
  return { own: { failed, runs }, others: { failed: othersFailed, runs: othersRuns } };
}

const counts = fc.nat(30).chain((runs) => fc.nat(runs).map((failed) => ({ failed, runs })));
const filled = counts.filter(({ runs }) => runs > 0);
const sides = fc.option(fc.record({ own: filled, others: filled }), { nil: null });
const spans = fc.array(fc.record({ own: filled, others: filled }), { maxLength: 2 });
const factsArbitrary: fc.Arbitrary<Facts> = fc.record({
  names: fc.constant(NAMES),
  end: fc.option(
    fc.record({
      failureClass: fc.constantFrom('INFRASTRUCTURE', 'CONFIGURATION', 'BUG', 'TEST', 'JOB', 'TIMEOUT'),
      errorType: fc.constantFrom(null, 'Infrastructure'),
    }),
    { nil: null },
  ),
  failedAction: fc.constantFrom(
    null,
    { name: 'power-on', stage: 'BEFORE_KERNEL' } as const,
    { name: 'auto-login-action', stage: 'AFTER_KERNEL' } as const,
  ),
  namesKernelFault: fc.boolean(),
  device: spans,
  loneDevice: spans,
  lab: spans,
  build: fc.record({ elsewhere: sides, here: sides, onDevice: sides }),
  test: sides,
  lines: sides,
  onBuild: fc.record({ labsPassing: fc.nat(4), labsFailing: fc.nat(4), peers: counts, retries: counts, types: counts }),
  restOfJob: fc.option(counts, { nil: null }),
  others: counts,
  worker: fc.record({ unrelated: counts, sameBuild: counts }),
  deviceWentBad: fc.boolean(),
});

test('a device that fails 6 of 8 runs against 4 of 72 of its peers: p = 1.78e-5', () => {
  const [row] = gatherEvidence({ ...NOTHING, device: [versus(6, 8, 4, 72)] });

  expect(row).toMatchObject({
    kind: 'DEVICE_WORSE',
    text: 'On bbb-04 6 of 8 runs fail, on its peers in gamma 4 of 72 (p = 0.000018).',
  });
  expect(row?.p?.toExponential(2)).toBe('1.78e-5');
});

test('a lab that fails 20 of 30 runs against 12 of 120 in other labs: p = 7.21e-10', () => {
  const [row] = gatherEvidence({ ...NOTHING, lab: [versus(20, 30, 12, 120)] });

  expect(row?.kind).toBe('LAB_WORSE');
  expect(row?.p?.toExponential(2)).toBe('7.21e-10');
});

test('without evidence nobody is named, and all are as likely', () => {
  const found = attribute(NOTHING);

  expect(found.culprit).toBeNull();
  expect(found.evidence).toEqual([]);
  expect(Object.values(found.probabilities)).toEqual([0.2, 0.2, 0.2, 0.2, 0.2]);
});

test('probabilities add up to 1, the most likely is named from 0.6 on, and each row says what it adds', () => {
  fc.assert(
    fc.property(factsArbitrary, (facts) => {
      const { probabilities, mostLikely, probability, culprit, evidence } = attribute(facts);

      expect(CULPRITS.reduce((sum, c) => sum + probabilities[c], 0)).toBeCloseTo(1, 12);
      expect(probability).toBe(Math.max(...Object.values(probabilities)));
      expect(culprit).toBe(probability >= 0.6 ? mostLikely : null);
      for (const { kind, strength, weights } of evidence)
        for (const c of CULPRITS) expect(weights[c]).toBe(strength * WEIGHTS[kind][c]);
    }),
  );
});

test('more failures on the device alone never make the board less likely', () => {
  fc.assert(
    fc.property(factsArbitrary, filled, filled, fc.nat(30), (facts, own, others, more) => {
      const board = (failed: number) =>
        attribute({ ...facts, device: [{ own: { failed, runs: own.runs }, others }] }).probabilities.BOARD;

      expect(board(Math.min(own.runs, own.failed + more))).toBeGreaterThanOrEqual(board(own.failed) - 1e-12);
    }),
  );
});

test('more failures of other boards in the lab alone never make the lab less likely', () => {
  fc.assert(
    fc.property(factsArbitrary, filled, filled, fc.nat(30), (facts, own, others, more) => {
      const lab = (failed: number) =>
        attribute({ ...facts, lab: [{ own: { failed, runs: own.runs }, others }] }).probabilities.LAB;

      expect(lab(Math.min(own.runs, own.failed + more))).toBeGreaterThanOrEqual(lab(own.failed) - 1e-12);
    }),
  );
});

test('names and the order of evidence change no probability', () => {
  fc.assert(
    fc.property(factsArbitrary, fc.string(), (facts, name) => {
      const renamed = { ...NAMES, device: name, lab: name, worker: name, build: name };
      const before = attribute(facts).probabilities;
      const after = attribute({ ...facts, names: renamed }).probabilities;
      const reversed = combine(gatherEvidence(facts).reverse()).probabilities;

      expect(after).toEqual(before);
      for (const c of CULPRITS) expect(reversed[c]).toBeCloseTo(before[c], 12);
    }),
  );
});

test('no weight of a comparison speaks more for another than for whom it judges', () => {
  const judged = {
    DEVICE_WORSE: 'BOARD',
    LAB_WORSE: 'LAB',
  } as const;
  for (const [kind, culprit] of Object.entries(judged) as [EvidenceKind, 'BOARD' | 'LAB'][])
    expect(Math.max(...CULPRITS.map((c) => WEIGHTS[kind][c]))).toBe(WEIGHTS[kind][culprit]);
});

describe('what runs count up to', () => {
  const run = (overrides: Partial<Outcome>): Outcome => ({
    failed: false,
    device: 1,
    deviceType: 1,
    lab: 1,
    build: 1,
    line: 1,
    at: 0,
    jobId: 0,
    rest: { failed: 0, runs: 10 },
    ...overrides,
  });
  const outcome = fc
    .record({
      failed: fc.boolean(),
      device: fc.option(fc.nat(3), { nil: null }),
      deviceType: fc.nat(1),
      lab: fc.nat(2),
      build: fc.option(fc.nat(5), { nil: null }),
      line: fc.nat(1),
      at: fc.nat(50),
      jobId: fc.nat(1_000),
    })
    .map((parts) =>
      run({ ...parts, device: parts.device === null ? null : parts.lab * 10 + parts.deviceType * 5 + parts.device }),
    );
  const outcomes = fc.uniqueArray(outcome, { selector: ({ jobId }) => jobId, minLength: 1, maxLength: 40 });

  test('a failing streak of builds is held against the builds before it, each side without the device', () => {
    const builds = [0, 0, 0, 1, 1].flatMap((bad, build) => [
      run({ build, at: build, device: 2, failed: bad === 1, jobId: 10 * build }),
      run({ build, at: build, device: 20, lab: 2, failed: bad === 1, jobId: 10 * build + 1 }),
    ]);

    const found = countOutcomes([...builds, run({ build: 4, at: 4, failed: true, jobId: 99 })], {
      device: 1,
      deviceType: 1,
      lab: 1,
      build: 4,
      line: 1,
      at: 4,
      jobId: 99,
    });

    expect(found.build.here).toEqual(versus(2, 2, 0, 3));
    expect(found.build.elsewhere).toEqual(versus(2, 2, 0, 3));
    expect(found.build.onDevice).toBeNull();
    expect(found.device[0]).toEqual(versus(1, 1, 2, 5));
    expect(found.lab[0]).toEqual(versus(2, 5, 2, 5));
    expect(found.test).toEqual(versus(0, 3, 0, 30));
    expect(found.onBuild).toEqual({
      labsPassing: 0,
      labsFailing: 1,
      peers: { failed: 1, runs: 1 },
      retries: NONE,
      types: NONE,
    });
  });

  test('other numbers for devices, labs, builds and lines, and another order of the runs, count the same', () => {
    fc.assert(
      fc.property(outcomes, fc.nat(), (runs, pick) => {
        const subject = runs[pick % runs.length] ?? run({});
        const renumber = (one: Outcome): Outcome => ({
          ...one,
          device: one.device === null ? null : 1_000 - one.device,
          deviceType: 7 - one.deviceType,
          lab: 50 - one.lab,
          build: one.build === null ? null : one.build * 7 + 3,
          line: one.line === null ? null : 9 - one.line,
        });

        expect(countOutcomes(runs.map(renumber).reverse(), renumber(subject))).toEqual(countOutcomes(runs, subject));
      }),
    );
  });

  test('a run more that fails on the device alone moves nothing but what is said of the device', () => {
    fc.assert(
      fc.property(outcomes, fc.nat(), (runs, pick) => {
        const subject = runs[pick % runs.length] ?? run({});
        const others = runs.some(
          (o) =>
            o.line === subject.line &&
            o.build !== null &&
            o.deviceType === subject.deviceType &&
            o.device !== subject.device,
        );
        fc.pre(subject.device !== null && others);
        const {
          device: _,
          loneDevice: __,
          build,
          onBuild,
          restOfJob: ___,
          others: ____,
          ...rest
        } = countOutcomes(runs, subject);

        const more = countOutcomes([...runs, { ...subject, failed: true, jobId: 2_000 }], subject);

        expect(more).toMatchObject(rest);
        expect(more.build.here).toEqual(build.here);
        expect(more.build.elsewhere).toEqual(build.elsewhere);
        expect(more.onBuild.peers).toEqual(onBuild.peers);
      }),
    );
  });
});
