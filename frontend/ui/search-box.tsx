import Form from 'next/form';
import { Icon } from './glyph.tsx';

/** In the header of every page; `/` comes here where the page has no filter of its own. */
export function SearchBox({ text }: { text?: string }) {
  return (
    <Form action="/search" className="find" role="search" aria-label="All of Basalt">
      <Icon name="search" />
      <input
        key={text}
        type="search"
        name="q"
        defaultValue={text}
        placeholder="Search"
        aria-label="Search tests, jobs, devices and builds"
        aria-keyshortcuts="/"
        autoComplete="off"
        maxLength={200}
        data-search
      />
    </Form>
  );
}
