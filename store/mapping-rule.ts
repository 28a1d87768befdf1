/** A rule by which jobs belong to builds, as people write it: in basalt.yaml and in the browser (see analysis/build-mapping.ts). */
import { z } from 'zod';
import { compilePattern } from '#analysis/linear-pattern.ts';

const LONGEST = 500;

const Regex = z
  .string()
  .min(1, 'write a regular expression')
  .max(2 * LONGEST, `a regular expression has at most ${2 * LONGEST} characters`)
  .superRefine((text, context) => {
    const compiled = compilePattern(text);
    if (!compiled.ok) context.addIssue({ code: 'custom', message: compiled.problem });
  });

const Template = z
  .string()
  .min(1, 'write a name, or {KEY} for what a job says of itself under KEY')
  .max(LONGEST, `a template has at most ${LONGEST} characters`)
  .refine((text) => !/[{}]/.test(text.replace(/\{[^{}]+\}/g, '')), {
    error: 'write {KEY} for what a job says of itself under KEY, for example "{git.describe}"',
  });

const Plain = z.union([z.string().max(LONGEST), z.number(), z.boolean()]).transform(String);

export const RuleFields = z.strictObject({
  match: z.record(z.string().min(1).max(LONGEST), z.union([Plain, z.strictObject({ regex: Regex })])),
  build: Template,
  branch: Template.optional(),
  commit: Template.optional(),
  sources: z.array(z.string()).optional(),
});

export const RuleProject = Template;

/** As it is kept in the store. */
export const MappingRule = z.strictObject({ project: RuleProject, ...RuleFields.shape });
export type MappingRule = z.infer<typeof MappingRule>;
