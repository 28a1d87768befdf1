/** What a job definition says beyond what the row says: metadata, visibility, multinode, the suites it asks for. */
import { FAILSAFE_SCHEMA, load } from 'js-yaml';

export type Definition = {
  metadata: Record<string, string>;
  visibility: string | null;
  multinodeGroup: string | null;
  role: string | null;
  plannedSuites: string[];
};

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_ALIASES = 200;
const MAX_ENTRIES = 500;
const MAX_VALUE = 4096;

export const NO_DEFINITION: Definition = { metadata: {}, visibility: null, multinodeGroup: null, role: null, plannedSuites: [] };

/** @throws Error when the text is no YAML mapping, or is built to explode. */
export function readDefinition(text: string): Definition {
  if (text.length > MAX_BYTES) throw new Error(`it is longer than ${MAX_BYTES} characters`);
  if ((text.match(/(?:^|[\s[{,:-])\*[A-Za-z0-9_]/gm)?.length ?? 0) > MAX_ALIASES) throw new Error(`it has more than ${MAX_ALIASES} aliases`);
  const root = asMap(load(text, { schema: FAILSAFE_SCHEMA, json: true }));
  if (!root) throw new Error('it is not a mapping');
  const multinode = asMap(asMap(root['protocols'])?.['lava-multinode']);
  return {
    metadata: flatten(root['metadata']),
    visibility: asText(root['visibility']),
    multinodeGroup: asText(multinode?.['target_group']),
    role: asText(multinode?.['role']),
    plannedSuites: plannedSuites(root['actions']),
  };
}

/** Scalars as they are written; nested keys joined by dots; lists as JSON. */
function flatten(root: unknown): Record<string, string> {
  const flat = new Map<string, string>();
  const visit = (value: unknown, path: string, depth: number) => {
    if (flat.size >= MAX_ENTRIES) return;
    const map = depth < 8 ? asMap(value) : null;
    if (map) for (const [key, inner] of Object.entries(map)) visit(inner, path ? `${path}.${key}` : key, depth + 1);
    else if (path) flat.set(path, (typeof value === 'string' ? value : JSON.stringify(value ?? '')).slice(0, MAX_VALUE));
  };
  visit(root, '', 0);
  return Object.fromEntries(flat);
}

function plannedSuites(actions: unknown): string[] {
  if (!Array.isArray(actions)) return [];
  const names = new Set<string>();
  for (const action of actions) {
    const definitions = asMap(asMap(action)?.['test'])?.['definitions'];
    if (!Array.isArray(definitions)) continue;
    for (const definition of definitions) {
      const name = asText(asMap(definition)?.['name']);
      if (name) names.add(name);
    }
  }
  return [...names];
}

function asMap(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}

function asText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The flat top level of a case's metadata; empty when it cannot be read. */
export function readCaseMetadata(text: string): Record<string, string> {
  try {
    return flatten(load(text, { schema: FAILSAFE_SCHEMA, json: true }));
  } catch {
    return {};
  }
}
