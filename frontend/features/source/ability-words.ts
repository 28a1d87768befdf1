/** Abilities that a probe finds, in words: what each gives, and what it costs or saves the master. */
const WORDS: Record<string, { name: string; means: string }> = {
  'rest-v0.2': { name: 'REST v0.2', means: 'lists of jobs, boards and workers; always there' },
  events: { name: 'Events', means: 'the master tells of jobs that end: read within seconds, without a poll' },
  'zmq-events': {
    name: 'Events by ZMQ',
    means: 'the publisher named in the configuration tells of jobs that end: read within seconds, without a poll',
  },
  'results-table': {
    name: 'Results by XML-RPC',
    means: 'one table for a job: 18 to 20 SQL statements on the master, whatever its size',
  },
  'nested-visibility': { name: 'Tells hidden from deleted', means: 'by the lists of a job (LAVA 2025.10 and later)' },
  agent: {
    name: 'Read by an agent',
    means: 'which runs in the lab and pushes what it reads; Basalt asks the master nothing',
  },
  'job-metadata': { name: 'Metadata in lists', means: 'a job’s row carries its metadata' },
};

export function abilityInWords(name: string): { name: string; means: string } {
  return WORDS[name] ?? { name, means: '' };
}

/** What the master cannot do, as far as that costs something. */
export function lackingInWords(names: readonly string[]): { name: string; means: string }[] {
  return [
    ...(names.includes('results-table')
      ? []
      : [
          {
            name: 'No table of results',
            means: 'results by REST lists: a SQL statement a case; a token makes the table possible',
          },
        ]),
    ...(names.includes('events') || names.includes('zmq-events')
      ? []
      : [{ name: 'No events', means: 'jobs that end are found by the poll, or by callbacks where jobs have them' }]),
  ];
}
