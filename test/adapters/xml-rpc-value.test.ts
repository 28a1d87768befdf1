import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAnswer, type Value } from '#adapters/lava/xml-rpc-value.ts';

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** As Python writes it. */
function written(value: Value): string {
  if (value === null) return '<value><nil/></value>';
  if (typeof value === 'string') return `<value><string>${escaped(value)}</string></value>`;
  if (typeof value === 'boolean') return `<value><boolean>${value ? 1 : 0}</boolean></value>`;
  if (typeof value === 'number')
    return Number.isInteger(value) ? `<value><int>${value}</int></value>` : `<value><double>${value}</double></value>`;
  if (Buffer.isBuffer(value)) {
    const base64 = value.toString('base64').replace(/.{76}/g, '$&\n');
    return `<value><base64>\n${base64}\n</base64></value>`;
  }
  if (Array.isArray(value)) return `<value><array><data>\n${value.map(written).join('\n')}\n</data></array></value>`;
  const members = [...value].map(
    ([name, one]) => `<member>\n<name>${escaped(name)}</name>\n${written(one)}\n</member>\n`,
  );
  return `<value><struct>\n${members.join('')}</struct></value>`;
}

const answer = (value: Value) =>
  `<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n${written(value)}\n</param>\n</params>\n</methodResponse>\n`;

const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
);
const { value: anything } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 3 }).map((members) => new Map(members)),
  ),
}));

test('every value is read as it was written, control characters among it', () => {
  const isRead = (value: Value) => void expect(readAnswer(answer(value))).toEqual({ value });
  fc.assert(fc.property(anything, isRead));
});

test('an answer that was cut anywhere is none', () => {
  fc.assert(
    fc.property(anything, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (value, share) => {
      const whole = answer(value).trimEnd();
      expect(() => readAnswer(whole.slice(0, Math.floor(share * whole.length)))).toThrow(SyntaxError);
    }),
  );
});

test('a fault is told from an answer', () => {
  const fault = new Map<string, Value>([
    ['faultCode', 404],
    ['faultString', 'Job <1> was not found.'],
  ]);
  expect(readAnswer(`<?xml version='1.0'?><methodResponse><fault>${written(fault)}</fault></methodResponse>`)).toEqual({
    fault,
  });
});

test.each(['', 'Traceback (most recent call last):', '<html></html>', answer('x').replace('string', 'strong')])(
  '%j is no answer',
  (text) => {
    expect(() => readAnswer(text)).toThrow(SyntaxError);
  },
);
