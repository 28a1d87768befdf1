/** The score as text; the same for the same seeds. */
import { type Answer, nameOf, percent, SAID, type Score, TRUTHS } from './score.ts';

export function report(score: Score, answers: readonly Answer[]): string {
  return [
    `${score.asked} failures; named: ${score.named} (${share(score.named, score.asked)}); right among the named: ${score.right} (${share(score.right, score.named)})`,
    '',
    'What it was (rows) and what was said (columns):',
    ...confusion(score),
    '',
    'Probability of the most likely one, named or not, and how often it was so:',
    ...calibration(score),
    '',
    'By fault:',
    ...byFault(answers),
    '',
    'Wrongly named:',
    ...misses(answers),
    '',
  ].join('\n');
}

function share(part: number, whole: number): string {
  return whole === 0 ? 'none' : percent(part / whole);
}

function confusion({ confusion: cells }: Score): string[] {
  const head = ['', ...SAID.map(nameOf)];
  return table([head, ...TRUTHS.map((truth) => [nameOf(truth), ...SAID.map((said) => String(cells[truth][said]))])]);
}

function calibration(score: Score): string[] {
  const head = ['from', 'to', 'failures', 'predicted', 'observed'];
  const rows = score.calibration.map(({ from, until, answers, predicted, right }) => [
    from.toFixed(2),
    Math.min(1, until).toFixed(2),
    String(answers),
    percent(predicted),
    percent(right / answers),
  ]);
  return table([head, ...rows]);
}

function kindOf({ causes: [first], test }: Answer): string {
  const culprit = first === undefined || first === 'NOISE' ? 'noise' : `${nameOf(first.culprit)}: ${first.kind}`;
  return `${culprit}, ${test === null ? 'a job' : 'a test'}`;
}

function byFault(answers: readonly Answer[]): string[] {
  const groups = [...Map.groupBy(answers, kindOf)].sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = groups.map(([kind, all]) => {
    const named = all.filter(({ said }) => said !== 'UNKNOWN');
    const right = named.filter(({ isRight }) => isRight).length;
    return [kind, String(all.length), share(named.length, all.length), share(right, named.length)];
  });
  return table([['', 'failures', 'named', 'right'], ...rows]);
}

/** So many are shown of each kind of miss. */
const SHOWN = 2;

function misses(answers: readonly Answer[]): string[] {
  const wrong = answers.filter(({ said, isRight }) => said !== 'UNKNOWN' && !isRight);
  const groups = [...Map.groupBy(wrong, (answer) => `${kindOf(answer)}: said to be ${nameOf(answer.said)}`)];
  return groups
    .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
    .flatMap(([kind, all]) => [`  ${kind}, ${all.length} times`, ...all.slice(0, SHOWN).flatMap(example)]);
}

function example({ job, test, attribution: { probability, evidence } }: Answer): string[] {
  return [
    `    job ${job.number} on ${job.device.name}${test === null ? '' : `, ${test}`} (${percent(probability)})`,
    ...evidence.slice(0, 4).map(({ text }) => `      ${text}`),
  ];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  return rows.map((row) => {
    const cells = row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)));
    return `  ${cells.join('  ')}`;
  });
}
