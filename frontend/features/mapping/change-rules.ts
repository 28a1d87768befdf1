/** What is done to the rules kept here, by the button that was pressed. */

/** "save" with the rule; "up", "down" or "remove" with a place. Null when there is no such rule. */
export function changeRules<Rule>(rules: readonly Rule[], act: string, place: string, rule: Rule): Rule[] | null {
  if (act === 'save' && place === 'new') return [...rules, rule];
  const at = Number(place);
  const old = rules[at];
  if (old === undefined || !/^\d+$/.test(place)) return null;
  const others = rules.filter((_, i) => i !== at);
  if (act === 'save') return rules.with(at, rule);
  if (act === 'remove') return others;
  if (act !== 'up' && act !== 'down') return null;
  return others.toSpliced(Math.max(0, act === 'up' ? at - 1 : at + 1), 0, old);
}
