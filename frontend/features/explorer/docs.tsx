'use client';
import {
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import type { ReactNode } from 'react';
import { Scroll } from '@/ui/scroll.tsx';

type Props = { schema: GraphQLSchema; type: string; open(type: string): void };

const ROOTS = ['Query', 'Mutation', 'Subscription'];
const MOST_FOUND = 40;

/** What the contract says of a type: its own words are the documentation. */
export function Docs({ schema, type: wanted, open }: Props) {
  const type = schema.getType(wanted) ?? schema.getQueryType();
  const names = Object.keys(schema.getTypeMap()).filter((name) => !name.startsWith('__'));
  if (!type) return null;
  return (
    <section className="docs" aria-labelledby="docs-title">
      <div className="sh">
        <h2 id="docs-title">
          Type <code>{type.name}</code>
        </h2>
        <span className="more">
          {ROOTS.map((root) => (
            <TypeButton key={root} name={root} open={open} />
          ))}
        </span>
      </div>
      <form
        action={(form) => {
          const text = String(form.get('type'));
          const found = names.find((name) => name.toLowerCase() === text.toLowerCase());
          if (found) open(found);
        }}
      >
        <label className="field">
          <span>Look up a type</span>
          <input name="type" list="docs-types" placeholder={`${names.length} types`} autoComplete="off" />
        </label>
        <datalist id="docs-types">
          {names.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </form>
      <Scroll className="docs-body" labelledBy="docs-title">
        {type.description && <p>{type.description}</p>}
        <Members type={type} open={open} />
        <UsedBy schema={schema} name={type.name} open={open} />
      </Scroll>
    </section>
  );
}

function Members({ type, open }: { type: GraphQLNamedType; open: Props['open'] }) {
  if (isEnumType(type))
    return (
      <dl>
        {type.getValues().map(({ name, description }) => (
          <Entry key={name} head={<code>{name}</code>} description={description} />
        ))}
      </dl>
    );
  if (isInputObjectType(type))
    return (
      <dl>
        {Object.values(type.getFields()).map((field) => (
          <Entry key={field.name} head={<Value of={field} open={open} />} description={field.description} />
        ))}
      </dl>
    );
  if (!isObjectType(type) && !isInterfaceType(type)) return null;
  return (
    <dl>
      {Object.values(type.getFields()).map(({ name, args, type: of, description, deprecationReason }) => (
        <Entry
          key={name}
          description={description}
          deprecated={deprecationReason}
          head={
            <code>
              <b>{name}</b>
              {args.length > 0 && '('}
              {args.map((argument, i) => (
                <span key={argument.name} title={argument.description ?? undefined}>
                  {i > 0 && ', '}
                  <Value of={argument} open={open} />
                </span>
              ))}
              {args.length > 0 && ')'}: <TypeLink type={of} open={open} />
            </code>
          }
        />
      ))}
    </dl>
  );
}

function Entry(props: { head: ReactNode; description?: string | null; deprecated?: string | null }) {
  return (
    <div>
      <dt>{props.head}</dt>
      {props.deprecated && <dd className="problem">Deprecated: {props.deprecated}</dd>}
      {props.description && <dd>{props.description}</dd>}
    </div>
  );
}

function Value({ of, open }: { of: Pick<GraphQLArgument, 'name' | 'type' | 'defaultValue'>; open: Props['open'] }) {
  return (
    <code>
      {of.name}: <TypeLink type={of.type} open={open} />
      {of.defaultValue !== undefined && ` = ${JSON.stringify(of.defaultValue)}`}
    </code>
  );
}

/** The type with its brackets; its name leads to it. */
function TypeLink({ type, open }: { type: GraphQLType; open: Props['open'] }) {
  const name = getNamedType(type).name;
  const [before = '', after = ''] = String(type).split(name);
  return (
    <>
      {before}
      <TypeButton name={name} open={open} />
      {after}
    </>
  );
}

function TypeButton({ name, open }: { name: string; open: Props['open'] }) {
  return (
    <button className="link" type="button" onClick={() => open(name)}>
      {name}
    </button>
  );
}

/** Fields that give the type. */
function UsedBy({ schema, name, open }: { schema: GraphQLSchema; name: string; open: Props['open'] }) {
  const places = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) && !type.name.startsWith('__')
      ? Object.values(type.getFields())
          .filter((field) => getNamedType(field.type).name === name)
          .map((field) => ({ type: type.name, field: field.name }))
      : [],
  );
  if (places.length === 0) return null;
  return (
    <>
      <h3>Given by</h3>
      <ul className="used">
        {places.slice(0, MOST_FOUND).map(({ type, field }) => (
          <li key={`${type}.${field}`}>
            <TypeButton name={type} open={open} />
            <code>.{field}</code>
          </li>
        ))}
      </ul>
    </>
  );
}
