import Form from 'next/form';
import { Icon } from '@/ui/glyph.tsx';
import type { ManyAsked } from './many-address.ts';

type Props = {
  asked: Pick<ManyAsked, 'project' | 'builds' | 'labs' | 'types'>;
  versions: readonly string[];
  labs: readonly string[];
  types: readonly string[];
};

/** Which builds, labs and kinds of boards stand side by side; an empty field adds one. */
export function ManyForm({ asked, versions, labs, types }: Props) {
  return (
    <details className="pick" name="floating">
      <summary>
        Sides
        <Icon name="chev" />
      </summary>
      <Form action="/compare" className="pop form">
        <input type="hidden" name="project" value={asked.project} />
        <Names label="Build" name="build" given={asked.builds} offered={versions} />
        <Names label="Lab" name="lab" given={asked.labs} offered={labs} />
        <Names label="Device type" name="type" given={asked.types} offered={types} />
        <p className="hint">Two to six sides: every build in every lab on every device type that is named.</p>
        <div className="acts">
          <button className="btn primary" type="submit">
            Compare
          </button>
        </div>
      </Form>
    </details>
  );
}

type NamesProps = { label: string; name: string; given: readonly string[]; offered: readonly string[] };

function Names({ label, name, given, offered }: NamesProps) {
  const listId = `many-${name}`;
  return (
    <>
      {[...given, ''].map((value, i) => (
        <label key={value} className="field">
          <span>{value === '' ? `Another ${label.toLowerCase()}` : `${label} ${i + 1}`}</span>
          <input name={name} list={listId} defaultValue={value} autoComplete="off" spellCheck={false} />
        </label>
      ))}
      <datalist id={listId}>
        {offered.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </>
  );
}
