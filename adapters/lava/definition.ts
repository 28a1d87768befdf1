/** What a job definition says beyond what the row says: metadata, visibility, multinode, the suites it asks for. */
import { FAILSAFE_SCHEMA, load, mergeTag } from 'js-yaml';
import { MAX_NAME } from '#schema/records.ts';

export type Definition = {
  metadata: Record<string, string>;
  visibility: string | null;
  multinodeGroup: string | null;
  role: string | null;
  plannedSuites: string[];
};

/** Every scalar as it is written; `<<` merges, as LAVA's own reader does. */
const SCHEMA = FAILSAFE_SCHEMA.withTags(mergeTag);
const MAX_CHARS = 4 * 1024 * 1024;
/** Nodes once every alias is written out: ten nested lists of aliases would be billions. */
const MAX_NODES = 20_000;
const MAX_DEPTH = 64;
const MAX_ENTRIES = 500;
const MAX_VALUE = 4096;
const FLAT_DEPTH = 8;

export const NO_DEFINITION: Definition = {
  metadata: {},
  visibility: null,
  multinodeGroup: null,
  role: null,
  plannedSuites: [],
};

/** @throws Error when the text is no YAML mapping, or is built to explode. */
export function readDefinition(text: string): Definition {
  if (text.length > MAX_CHARS) throw new Error(`it is longer than ${MAX_CHARS} characters`);
  const root = asMap(load(text, { schema: SCHEMA, json: true }));
  if (!root) throw new Error('it is not a mapping');
  const multinode = asMap(asMap(root.protocols)?.['lava-multinode']);
  return {
    metadata: flatten(root.metadata),
    visibility: asText(root.visibility),
    multinodeGroup: asText(multinode?.target_group),
    role: asText(multinode?.role),
    plannedSuites: plannedSuites(root.actions),
  };
}

/** The flat metadata of a case; empty when it cannot be read: the raw text is kept beside it. */
export function readCaseMetadata(text: string): Record<string, string> {
  try {
    return flatten(load(text, { schema: SCHEMA, json: true }));
  } catch {
    return {};
  }
}

/** Scalars as they are written; nested keys joined by dots; lists as JSON. @throws Error when it explodes. */
function flatten(root: unknown): Record<string, string> {
  weigh(root);
  const flat = new Map<string, string>();
  const visit = (value: unknown, path: string, depth: number) => {
    if (flat.size >= MAX_ENTRIES) return;
    const map = depth < FLAT_DEPTH ? asMap(value) : null;
    if (map) for (const [key, inner] of Object.entries(map)) visit(inner, path ? `${path}.${key}` : key, depth + 1);
    else if (path)
      flat.set(path, (typeof value === 'string' ? value : JSON.stringify(value ?? '')).slice(0, MAX_VALUE));
  };
  visit(root, '', 0);
  return Object.fromEntries(flat);
}

function weigh(root: unknown): void {
  let nodes = 0;
  const visit = (value: unknown, depth: number) => {
    nodes += 1;
    if (nodes > MAX_NODES || depth > MAX_DEPTH) throw new Error('its aliases or levels are too many');
    if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) visit(inner, depth + 1);
  };
  visit(root, 0);
}

function plannedSuites(actions: unknown): string[] {
  if (!Array.isArray(actions)) return [];
  const names = new Set<string>();
  for (const action of actions) {
    const definitions = asMap(asMap(action)?.test)?.definitions;
    if (!Array.isArray(definitions)) continue;
    for (const definition of definitions) {
      const name = asText(asMap(definition)?.name);
      if (name && name.length <= MAX_NAME) names.add(name);
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
