/** A file of YAML as a schema wants it. Every problem is said with its line. */
import { isMap, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';

export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** `where`: file and line of what is at a path. */
export type ReadYaml<T> = { data: T; where: (...keys: PropertyKey[]) => string };

/** @throws ConfigError with every problem, each with file and line. */
export function readYaml<Schema extends z.ZodType>(
  text: string,
  path: string,
  schema: Schema,
): ReadYaml<z.infer<Schema>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (offset: number) => `${path}:${lines.linePos(offset).line}`;
  if (document.errors.length > 0) {
    const told = (message: string) => message.replace(/ at line \d+, column \d+:[\s\S]*$/, '');
    throw new ConfigError(document.errors.map((e) => `${at(e.pos[0])}: ${told(e.message)}`));
  }
  const parsed = schema.safeParse(document.toJS() ?? {});
  const where = (...keys: PropertyKey[]) => at(offsetOf(document.contents, keys));
  if (parsed.success) return { data: parsed.data, where };
  throw new ConfigError(flatten(parsed.error.issues).map((issue) => `${where(...issue.path)}: ${sentence(issue)}`));
}

type Issue = z.core.$ZodIssue;

/** A key nobody knows is told by itself, at its own line. */
function flatten(issues: readonly Issue[]): Issue[] {
  return issues.flatMap<Issue>((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ ...issue, keys: [key], path: [...issue.path, key] }))
      : [issue],
  );
}

function sentence(issue: Issue): string {
  const name = issue.path.map(String).join('.') || 'the file';
  if (issue.code === 'unrecognized_keys')
    return `${name}: nobody knows this key; see docs/configuration.md for those there are`;
  return `${name}: ${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`;
}

/** Where the value at a path begins in the text; the nearest parent when it is missing. */
function offsetOf(root: Node | null, path: readonly PropertyKey[]): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key),
      );
      if (!pair) return offset;
      if (isScalar(pair.key) && pair.key.range) offset = pair.key.range[0];
      node = pair.value;
    } else if (node !== null && typeof node === 'object' && 'items' in node && Array.isArray(node.items)) {
      node = node.items[Number(key)];
      if (node !== null && typeof node === 'object' && 'range' in node && Array.isArray(node.range))
        offset = Number(node.range[0]);
    } else return offset;
  }
  return offset;
}
