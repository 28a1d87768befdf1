import { count } from '../../ui/number.ts';

type Audit = {
  sourceCount: number;
  storeCount: number;
  goneAtSource: number;
  missing: readonly string[];
  changed: readonly string[];
  alarm: string | null;
};

/** "12,431 = 12,431", and what is wrong in a word or two. */
export function auditInWords(audit: Audit): { equation: string; trouble: string | null } {
  const { sourceCount, storeCount, goneAtSource, missing, changed, alarm } = audit;
  const present = storeCount - goneAtSource;
  const many = (ids: readonly string[]) => (ids.length === 100 ? '100 or more' : String(ids.length));
  const trouble = [
    alarm !== null && 'alarm',
    missing.length > 0 && `${many(missing)} missing`,
    changed.length > 0 && `${many(changed)} differ`,
  ].filter(Boolean);
  return {
    equation: `${count(sourceCount)} ${sourceCount === present ? '=' : '≠'} ${count(present)}`,
    trouble: trouble.length > 0 ? trouble.join(', ') : null,
  };
}
