'use client';
import Form from 'next/form';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { type Field, type Filters, isKnown, lacking, toHref, without } from './filter.ts';
import { Icon } from './glyph.tsx';

type Props = {
  path: string;
  fields: readonly Field[];
  filters: Filters;
  /** The field that has its own box, which `/` focuses. */
  search?: Field;
  quick?: readonly { label: string; filters: Filters }[];
  children?: ReactNode;
};

/** Chips, a search box and a form of all fields. Links and GET forms only, so it works without JavaScript. */
export function FilterBar({ path, fields, filters, search, quick = [], children }: Props) {
  const active = fields.flatMap((field) => (filters[field.key] ?? []).map((value) => ({ field, value })));
  const href = (wanted: Filters) => toHref(path, wanted);
  return (
    <div className="filters">
      {search && <SearchBox path={path} field={search} filters={filters} />}
      {quick.map((one) => (
        <Link
          key={one.label}
          className="chip"
          href={href(one.filters)}
          aria-current={href(one.filters) === href(filters) ? 'true' : undefined}
          prefetch={false}
          data-measure
        >
          {one.label}
        </Link>
      ))}
      {quick.length > 0 && <span className="sep" />}
      {active.map(({ field, value }) => (
        <ActiveChip
          key={`${field.key}=${value}`}
          field={field}
          value={value}
          leftOut={leftOut(field, value, filters)}
          href={href(without(filters, field.key, value))}
        />
      ))}
      <AllFields
        key={href(filters)}
        path={path}
        fields={fields.filter(({ key }) => key !== search?.key)}
        kept={search ? [search] : []}
        filters={filters}
      />
      {active.length > 1 && (
        <Link className="btn ghost" href={path} prefetch={false}>
          Clear all
        </Link>
      )}
      {children}
    </div>
  );
}

function SearchBox({ path, field, filters }: { path: string; field: Field; filters: Filters }) {
  const [value] = filters[field.key] ?? [];
  return (
    <Form action={path} className="find" role="search">
      <Icon name="search" />
      <input
        key={value}
        type="search"
        name={field.key}
        defaultValue={value}
        placeholder={field.hint ?? field.label}
        aria-label={field.label}
        aria-keyshortcuts="/"
        data-search
      />
      <Hidden filters={without(filters, field.key)} />
    </Form>
  );
}

function Hidden({ filters }: { filters: Filters }) {
  return Object.entries(filters).flatMap(([key, values]) =>
    values.map((value) => <input key={`${key}=${value}`} type="hidden" name={key} value={value} />),
  );
}

/** Why the value is left out of the question, in a word or two; null when it is not. */
function leftOut(field: Field, value: string, filters: Filters): string | null {
  if (!isKnown(field, value)) return 'unknown';
  const needed = lacking(field, filters);
  return needed && `needs a ${needed}`;
}

type ChipProps = { field: Field; value: string; leftOut: string | null; href: string };

function ActiveChip({ field, value, leftOut, href }: ChipProps) {
  const word = field.options?.find((option) => option.value === value)?.label ?? value;
  return (
    <Link
      className={leftOut ? 'chip odd' : 'chip'}
      href={href}
      prefetch={false}
      data-measure
      title={leftOut ? 'It is left out of the question.' : undefined}
    >
      <span className="k">{field.label}</span>
      {field.kind !== 'flag' && <span className="val">{word}</span>}
      {leftOut && <span className="k">{leftOut}</span>}
      <Icon name="x" />
      <span className="sr">remove filter</span>
    </Link>
  );
}

function AllFields({
  path,
  fields,
  kept,
  filters,
}: {
  path: string;
  fields: readonly Field[];
  kept: readonly Field[];
  filters: Filters;
}) {
  return (
    <details className="pick" name="floating">
      <summary className="chip add">
        <Icon name="plus" />
        Filter
      </summary>
      <Form action={path} className="pop fields">
        <Hidden filters={Object.fromEntries(kept.flatMap(({ key }) => (filters[key] ? [[key, filters[key]]] : [])))} />
        {fields.map((field) => (
          <Control
            key={`${field.key}=${filters[field.key]?.join() ?? ''}`}
            field={field}
            values={filters[field.key] ?? []}
          />
        ))}
        <div className="acts">
          <button className="btn primary" type="submit">
            Apply
          </button>
        </div>
      </Form>
    </details>
  );
}

function Control({ field, values }: { field: Field; values: readonly string[] }) {
  const { key, label, kind, options, hint } = field;
  if (kind === 'many' && options) {
    const odd = values
      .filter((value) => !isKnown(field, value))
      .map((value) => ({ value, label: `${value} (unknown)` }));
    return (
      <fieldset>
        <legend>{label}</legend>
        {[...options, ...odd].map((option) => (
          <label key={option.value} className="tick">
            <input type="checkbox" name={key} value={option.value} defaultChecked={values.includes(option.value)} />
            {option.label}
          </label>
        ))}
      </fieldset>
    );
  }
  if (kind === 'flag') {
    return (
      <label className="tick">
        <input type="checkbox" name={key} value="1" defaultChecked={values.includes('1')} />
        {label}
      </label>
    );
  }
  return (
    <label className="field">
      <span>{label}</span>
      <input type={kind === 'day' ? 'date' : 'text'} name={key} defaultValue={values[0]} placeholder={hint} />
    </label>
  );
}
