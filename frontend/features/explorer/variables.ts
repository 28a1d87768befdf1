/** The variables as they are written: a JSON object, or nothing. */
export function readVariables(text: string): { values: Record<string, unknown>; problem?: string } {
  if (text.trim() === '') return { values: {} };
  try {
    const values: unknown = JSON.parse(text);
    if (typeof values === 'object' && values !== null && !Array.isArray(values))
      return { values: Object.fromEntries(Object.entries(values)) };
    return { values: {}, problem: 'Variables are a JSON object: {"name": value}.' };
  } catch (cause) {
    return { values: {}, problem: `The variables are no JSON: ${cause instanceof Error ? cause.message : cause}` };
  }
}
