/** The query of an address, or what a command is given in its place. */
import { z } from 'zod';
import { InvalidInput } from '#store/error.ts';
import { MAX_TEXT, MAX_VALUES } from './limits.ts';

/** An address gives a name once or many times. */
const list = <Value extends z.ZodType>(value: Value, most: number) =>
  z.preprocess((given) => (given === undefined ? [] : [given].flat()), z.array(value).max(most, 'too many values'));
/** Given once at most. */
export const one = <Value extends z.ZodType>(value: Value) => list(value, 1).transform((values) => values[0]);
/** Values that are alternatives; undefined where there is none. */
export const many = <Value extends z.ZodType>(value: Value) =>
  list(value, MAX_VALUES).transform((values) => (values.length > 0 ? values : undefined));

export const text = z.string().min(1).max(MAX_TEXT);

/** @throws InvalidInput that names everything that is wrong. */
export function readQuery<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  given: Readonly<Record<string, unknown>>,
): z.infer<z.ZodObject<Shape>> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const known = Object.keys(schema.shape).join(', ');
  const problems = parsed.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `${issue.keys.join(', ')}: not among ${known}`
      : `${String(issue.path[0])}: ${issue.message}`,
  );
  throw new InvalidInput(problems.join('; '));
}
