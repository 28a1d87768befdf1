/** The forms of the mapping page, which need no script: what they ask for is done, and the page says what came of it. */
import { ask } from '@/api-client.ts';
import { changeRules } from '@/features/mapping/change-rules.ts';
import { asInput, draftHref, readDraft, toRuleInput } from '@/features/mapping/draft.ts';
import { MappingPageDocument, SaveMappingDocument } from '@/graphql/graphql.ts';
import { MAPPING, signInPath } from '@/paths.ts';
import { seeOther } from '@/see-other.ts';

export async function POST(request: Request): Promise<Response> {
  const form = await request.formData();
  const { mappingRules } = await ask(MappingPageDocument, {});
  if (!mappingRules) return seeOther(signInPath(MAPPING));
  const draft = readDraft(form);
  const act = String(form.get('act'));
  const kept = mappingRules.rules.filter(({ origin }) => origin === 'KEPT').map(asInput);
  const rules =
    act === 'undo'
      ? (mappingRules.lastChange?.before.map(asInput) ?? null)
      : changeRules(kept, act, draft.rule, toRuleInput(draft));
  if (!rules) return seeOther(`${MAPPING}?changed=1`);
  const input = { revision: Number(form.get('revision')), rules };
  const { userErrors } = (await ask(SaveMappingDocument, { input })).saveMapping;
  if (userErrors.some(({ code }) => code === 'CONFLICT')) return seeOther(`${MAPPING}?changed=1`);
  // The draft's own page says what is wrong with it.
  return seeOther(userErrors.length > 0 ? draftHref(draft) : MAPPING);
}
