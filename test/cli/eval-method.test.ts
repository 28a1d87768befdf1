/** Statistics on numbers of one's own: the golden ones, and what is no number. */
import { afterEach, expect, test, vi } from 'vitest';
import { main } from '#cli/main.ts';

const said: string[] = [];
const problems: string[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  said.length = 0;
  problems.length = 0;
});

async function method(...args: string[]): Promise<number> {
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => problems.push(String(text)) > 0);
  return main(['eval', 'method', ...args]);
}

const answer = async (...args: string[]): Promise<unknown> => {
  expect(await method(...args)).toBe(0);
  return JSON.parse(said.at(-1) ?? '');
};

test('the golden numbers', async () => {
  expect(await answer('fisher', '10', '90', '2', '198')).toEqual({ p: expect.closeTo(0.000421086, 9) });
  expect(await answer('wilson', '3', '10')).toEqual({
    interval: [expect.closeTo(0.1078, 4), expect.closeTo(0.6032, 4)],
  });
  expect(await answer('flip-score', 'PFPFPFPFPF')).toEqual({ percent: 50 });
  expect(await answer('transitions', 'PPFFF')).toEqual({ score: 0.2 });
  expect(await answer('entropy', 'PPPPPFFFFF')).toEqual({ entropy: 1, flipRate: expect.closeTo(0.1111, 4) });
  expect(await answer('change-points', `${'P'.repeat(30)}FFFF`)).toMatchObject({ changePoints: [{ at: 30 }] });
  expect(await answer('change-points', `${'P'.repeat(30)}FFF`)).toEqual({ changePoints: [] });
  expect(await answer('change-points', `${'P'.repeat(20)}${'F'.repeat(8)}${'P'.repeat(20)}`)).toMatchObject({
    changePoints: [{ at: 20 }, { at: 28 }],
  });
  expect(await answer('row-alert', 'FFFPP')).toMatchObject({ alert: { failures: 3, latestPass: 3 } });
  expect(await answer('benjamini-hochberg', '0.01', '0.02')).toEqual({ q: [0.02, 0.02] });
  expect(await answer('mann-whitney', '1,2,3', '4,5,6')).toMatchObject({ u: 0, delta: 1 });
  const level = (value: number) => Array.from({ length: 12 }, (_, i) => String(value + (i % 3)));
  expect(await answer('level-changes', ...level(100), ...level(110))).toMatchObject({ changes: [{ at: 12 }] });
  expect(await answer('likelihood', '0', '0', '0', '0')).toEqual({ logLikelihood: 0 });
});

test('what it cannot take is said, with what it takes', async () => {
  for (const [args, problem] of [
    [['fishr'], /^"fishr" is no method; there are: fisher, wilson, /],
    [['fisher', '1', '2'], /^it takes 4 numbers, and there are 2; fisher takes FAILS PASSES FAILS PASSES/],
    [['fisher', '1', '2', '3', '-4'], /^-4 is no count/],
    [['wilson', '1', 'x'], /^"x" is no number/],
    [['transitions', 'PXF'], /^"X" is no run/],
    [['flip-score', 'PQF'], /^"Q" is no run/],
    [['change-points', 'P'.repeat(501)], /^501 positions are more than 500/],
  ] as const) {
    expect(await method(...args), args.join(' ')).toBe(2);
    expect(problems.at(-1)).toMatch(problem);
  }
});
