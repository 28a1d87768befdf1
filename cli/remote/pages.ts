/** Which field of a query is read page by page, and where the next page begins. */
import { type DocumentNode, type FieldNode, Kind, type SelectionSetNode } from 'graphql';
import { EXIT } from '../exit-code.ts';
import { CommandFailure } from '../failure.ts';

/** Names of the answer down to it. */
export type Path = readonly string[];

const HOW = 'write one field as: jobs(first: 100, after: $after) { nodes { ... } pageInfo { hasNextPage endCursor } }';

/** The one field that is given `after: $after`. @throws CommandFailure */
export function pagedField(document: DocumentNode): Path {
  const found: { path: Path; field: FieldNode }[] = [];
  const walk = ({ selections }: SelectionSetNode, path: Path) => {
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) continue;
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, path);
        continue;
      }
      const here = [...path, nameOf(selection)];
      const isPaged = selection.arguments?.some(
        ({ name, value }) => name.value === 'after' && value.kind === Kind.VARIABLE && value.name.value === 'after',
      );
      if (isPaged) found.push({ path: here, field: selection });
      if (selection.selectionSet) walk(selection.selectionSet, here);
    }
  };
  for (const definition of document.definitions)
    if (definition.kind === Kind.OPERATION_DEFINITION) walk(definition.selectionSet, []);
  const [one, ...more] = found;
  if (!one || more.length > 0)
    throw new CommandFailure(EXIT.usage, `--paginate: ${found.length} fields have "after: $after"; ${HOW}`);
  const info = fieldsOf(one.field).find((field) => nameOf(field) === 'pageInfo');
  const asked = info ? fieldsOf(info).map(nameOf) : [];
  if (!asked.includes('hasNextPage') || !asked.includes('endCursor'))
    throw new CommandFailure(EXIT.usage, `--paginate: ${one.path.join('.')} lacks its pageInfo; ${HOW}`);
  return one.path;
}

const nameOf = ({ alias, name }: FieldNode) => (alias ?? name).value;

const fieldsOf = ({ selectionSet }: FieldNode) =>
  selectionSet?.selections.filter((selection) => selection.kind === Kind.FIELD) ?? [];

/** Null after the last page, or where the answer has no such list. @throws CommandFailure where it has many. */
export function nextPage(data: unknown, path: Path): string | null {
  let at = data;
  for (const name of [...path, 'pageInfo']) {
    if (Array.isArray(at))
      throw new CommandFailure(
        EXIT.usage,
        `--paginate: there is a ${path.join('.')} in each of a list; ask for one of them`,
      );
    if (typeof at !== 'object' || at === null) return null;
    at = (at as Record<string, unknown>)[name];
  }
  const { hasNextPage, endCursor } = at as { hasNextPage: boolean; endCursor: string | null };
  return hasNextPage ? endCursor : null;
}
