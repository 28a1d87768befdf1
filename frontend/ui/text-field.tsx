import type { ReactNode } from 'react';

type Props = {
  name: string;
  label: string;
  value: string;
  problems: readonly string[];
  isRequired?: boolean;
  type?: 'text' | 'password';
  /** What the browser may fill in. */
  autoComplete?: string;
  children?: ReactNode;
};

/** A line of text in a form that needs no script, with what is wrong with it and what it is for. */
export function TextField({
  name,
  label,
  value,
  problems,
  isRequired = false,
  type = 'text',
  autoComplete = 'off',
  children,
}: Props) {
  return (
    <div>
      <label className="field" htmlFor={name}>
        <span>{label}</span>
        <input
          id={name}
          name={name}
          className="mono"
          type={type}
          autoComplete={autoComplete}
          spellCheck={false}
          required={isRequired}
          defaultValue={value}
          aria-invalid={problems.length > 0}
          aria-describedby={`${name}-problem`}
        />
      </label>
      <FieldProblems id={`${name}-problem`} problems={problems} />
      {children && <p className="hint">{children}</p>}
    </div>
  );
}

export function FieldProblems({ id, problems }: { id: string; problems: readonly string[] }) {
  return (
    <div id={id}>
      {problems.map((problem) => (
        <p key={problem} className="problem" role="alert">
          {problem}
        </p>
      ))}
    </div>
  );
}
