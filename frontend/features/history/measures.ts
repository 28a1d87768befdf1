/** The measurements of one test as curves: a chart for each device type, set and unit, in it a curve a lab. */

import type { PointFragment, TestHistoryQuery } from '../../graphql/graphql.ts';
import { measurement as measurementText } from '../test-case/measurement.ts';
import type { Build } from './test-lines.ts';

/** `text` is the exact decimal, `value` what is drawn of it. */
export type Measure = { column: number; value: number; text: string };
export type Curve = { lab: string; measures: Measure[] };
export type Shift = NonNullable<TestHistoryQuery['testHistory']['levelShifts']>[number];
export type Chart = {
  key: string;
  deviceType: string;
  set: string | null;
  units: string | null;
  curves: Curve[];
  shifts: Shift[];
};

type Of = Pick<PointFragment, 'set' | 'environment'> & { units?: string | null };

const keyOf = ({ environment, set, units = null }: Of) => JSON.stringify([environment.name, set, units]);

export function toCharts(
  points: readonly PointFragment[],
  shifts: readonly Shift[],
  builds: readonly Build[],
): Chart[] {
  const columns = new Map(builds.map(({ version, createdAt }, column) => [`${version} ${createdAt}`, column]));
  const measured = points.filter(({ measurement }) => measurement != null);
  const byChart = [...Map.groupBy(measured, keyOf)].sort(([a], [b]) => (a < b ? -1 : 1));
  return byChart.flatMap(([key, ofChart]) => {
    const [one] = ofChart;
    if (!one) return [];
    const byLab = [...Map.groupBy(ofChart, ({ source }) => source.slug)].sort(([a], [b]) => (a < b ? -1 : 1));
    const curves = byLab.map(([lab, of]) => ({
      lab,
      measures: of.map(({ build, measurement }) => ({
        column: columns.get(`${build.version} ${build.createdAt}`) ?? 0,
        value: Number(measurement),
        text: measurementText(measurement ?? '', null),
      })),
    }));
    const { environment, set, units = null } = one;
    return {
      key,
      deviceType: environment.name,
      set,
      units,
      curves,
      shifts: shifts.filter((shift) => keyOf(shift) === key),
    };
  });
}

export type Better = 'lower' | 'higher' | undefined;

/** Null where nobody has said which direction is better. */
export function isWorse({ meanBefore, meanAfter }: Shift, better: Better): boolean | null {
  if (better === undefined) return null;
  return better === 'lower' ? meanAfter > meanBefore : meanAfter < meanBefore;
}

/** Round steps of an axis that holds all values, at most six. */
export function ticksOf(values: readonly number[]): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const [low, high] =
    least === most ? [least - Math.abs(least || 1) / 10, most + Math.abs(most || 1) / 10] : [least, most];
  const rough = (high - low) / 4;
  const scale = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * scale).find((n) => n >= rough) ?? rough;
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}
