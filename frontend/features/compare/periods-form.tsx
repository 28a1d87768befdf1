import Form from 'next/form';
import { MOST_PERIODS, type PeriodsAsked, periodText } from './periods-address.ts';

type Props = {
  asked: PeriodsAsked;
  projects: readonly string[];
  labs: readonly string[];
  types: readonly string[];
};

/** Which spans of time, and of what; an empty field adds one. */
export function PeriodsForm({ asked, projects, labs, types }: Props) {
  const { periods, project, branch, lab, type, suite } = asked;
  const fields = [
    { label: 'Project', name: 'project', value: project, offered: projects },
    { label: 'Branch', name: 'branch', value: branch, offered: [] },
    { label: 'Lab', name: 'lab', value: lab, offered: labs },
    { label: 'Device type', name: 'type', value: type, offered: types },
    { label: 'Suite', name: 'suite', value: suite, offered: [] },
  ];
  return (
    <Form action="/compare/periods" className="asking">
      {[...periods.map(periodText), ''].slice(0, MOST_PERIODS).map((value, i) => (
        <label key={value} className="field">
          <span>{value === '' ? 'Another period' : `Period ${i + 1}`}</span>
          <input
            name="period"
            defaultValue={value}
            size={24}
            placeholder="2026-05-01..2026-05-07"
            pattern="\s*\d{4}-\d\d-\d\d\s*\.\.\s*\d{4}-\d\d-\d\d\s*"
            title="Two days, as 2026-05-01..2026-05-07"
            autoComplete="off"
          />
        </label>
      ))}
      {fields.map(({ label, name, value, offered }) => (
        <label key={name} className="field">
          <span>{label}</span>
          <input name={name} list={`periods-${name}`} defaultValue={value} size={14} autoComplete="off" />
          <datalist id={`periods-${name}`}>
            {offered.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        </label>
      ))}
      <button className="btn primary" type="submit">
        Compare
      </button>
    </Form>
  );
}
