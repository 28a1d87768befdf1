import { describe, expect, test } from 'vitest';
import { DEFAULT_RULES, deriveBuild, type MappingRule, ruleProblem } from '#analysis/build-mapping.ts';
import { failureClass } from '#analysis/failure-class.ts';

describe('the build of a job', () => {
  test('KernelCI keys', () => {
    const metadata = {
      'kernel.tree': 'mainline',
      'git.describe': 'v6.10',
      'git.branch': 'master',
      'git.commit': 'abc',
    };

    expect(deriveBuild(DEFAULT_RULES, 'a', metadata)).toEqual({
      project: 'mainline',
      build: 'v6.10',
      branch: 'master',
      commit: 'abc',
    });
  });

  test('LKFT keys without a tree name the repository', () => {
    const metadata = { 'git-repo': 'https://git.example/stable/linux-stable-rc.git', 'git-describe': 'v6.6.1' };

    expect(deriveBuild(DEFAULT_RULES, 'a', metadata)).toEqual({
      project: 'linux-stable-rc',
      build: 'v6.6.1',
      branch: '',
      commit: null,
    });
  });

  test('the first rule that matches wins, and a rule may be for one source', () => {
    const rules: MappingRule[] = [
      { project: 'only-b', match: {}, sources: ['b'], build: '{x}' },
      { project: 'exact', match: { team: 'red' }, build: '{metadata.x}' },
      { project: 'any', match: { x: '*' }, build: '{x}' },
    ];

    expect(deriveBuild(rules, 'a', { x: '1', team: 'red' })?.project).toBe('exact');
    expect(deriveBuild(rules, 'b', { x: '1' })?.project).toBe('only-b');
    expect(deriveBuild(rules, 'a', { x: '1' })?.project).toBe('any');
    expect(deriveBuild(rules, 'a', { team: 'red' })).toBeNull();
    expect(deriveBuild(rules, 'a', { x: 'x'.repeat(257) })).toBeNull();
  });

  test('a rule with a regular expression that is none is passed over, and says so', () => {
    const broken = { project: 'lost', match: { x: '*', team: { regex: 'r(?=ed)' } }, build: '{x}' };
    const rules: MappingRule[] = [broken, { project: 'any', match: { team: { regex: '^r' } }, build: '{x}' }];

    expect(deriveBuild(rules, 'a', { x: '1', team: 'red' })?.project).toBe('any');
    expect(rules.map(ruleProblem)).toEqual([
      expect.stringMatching(/^team: \/r\(\?=ed\)\/ is no regular expression: .* at character 2/),
      null,
    ]);
  });
});

describe('whose fault', () => {
  const job = (health: string, errorType: string | null, state = 'FINISHED') =>
    failureClass({ state, health, errorType });

  test('follows the error type', () => {
    expect(job('INCOMPLETE', 'Infrastructure')).toBe('INFRASTRUCTURE');
    expect(job('INCOMPLETE', 'LAVATimeout')).toBe('TIMEOUT');
    expect(job('INCOMPLETE', 'SomethingNew')).toBe('UNCLASSIFIED');
    expect(job('INCOMPLETE', null)).toBe('UNCLASSIFIED');
  });

  test("is nobody's while a job runs or when it completed", () => {
    expect(job('UNKNOWN', null, 'RUNNING')).toBe('NONE');
    expect(job('COMPLETE', null)).toBe('NONE');
    expect(job('CANCELED', 'Infrastructure')).toBe('CANCELED');
  });
});
