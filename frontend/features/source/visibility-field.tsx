import type { UserProblemFragment, Visibility } from '@/graphql/graphql.ts';
import { Problems } from '@/ui/problem-list.tsx';

type Props = {
  visibility: Visibility;
  teams: string;
  problems: readonly UserProblemFragment[];
  onVisibility: (visibility: Visibility) => void;
  onTeams: (teams: string) => void;
};

const CHOICES: readonly [Visibility, string][] = [
  ['INTERNAL', 'Everybody with a token of this Basalt'],
  ['PUBLIC', 'Everybody'],
  ['RESTRICTED', 'Named teams'],
];

/** Who may see the lab. Private jobs of the master stay the admins' whatever is chosen. */
export function VisibilityField({ visibility, teams, problems, onVisibility, onTeams }: Props) {
  return (
    <>
      <div>
        <label className="field" htmlFor="visibility">
          <span>Visible to</span>
        </label>
        <select
          id="visibility"
          value={visibility}
          aria-describedby="visibility-hint"
          onChange={({ target }) => {
            const chosen = CHOICES.find(([value]) => value === target.value);
            if (chosen) onVisibility(chosen[0]);
          }}
        >
          {CHOICES.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
        <p className="hint" id="visibility-hint">
          Jobs that the master does not show to everybody are for admins alone, whatever is chosen.
        </p>
      </div>
      {visibility === 'RESTRICTED' && (
        <div>
          <label className="field" htmlFor="teams">
            <span>Teams, separated by commas</span>
            <input
              id="teams"
              value={teams}
              aria-describedby="teams-problem"
              onChange={({ target }) => onTeams(target.value)}
            />
          </label>
          <Problems problems={problems} of="teams" />
        </div>
      )}
    </>
  );
}

export function teamsOf(text: string): string[] {
  return text
    .split(',')
    .map((team) => team.trim())
    .filter((team) => team !== '');
}
