/** The commands that ask a Basalt over the network. They need no store and no configuration. */
import type { Command } from 'commander';
import type { GqlOptions } from './gql.ts';

const URL_OPTION = ['--url <url>', 'of the Basalt (default: BASALT_URL, else where one has logged in)'] as const;

/** `end` is given the code that a command ends with. */
export function addRemote(program: Command, env: NodeJS.ProcessEnv, end: (code: number) => void): void {
  program
    .command('gql')
    .argument('[query]', 'GraphQL; "-" or nothing: from standard input')
    .option(...URL_OPTION)
    .option('--var <name=value>', 'a variable of the query; may be repeated', collect, [])
    .option('--file <file>', 'the query is in a file')
    .option('--paginate', 'go on with $after until the last page: a line of JSON each')
    .description('ask a Basalt a query and print the answer as JSON: code 0, errors 1, unreachable 3')
    .action(async (query: string | undefined, options: GqlOptions) => {
      const { askQuery } = await import('./gql.ts');
      end(await askQuery(env, query ?? null, options));
    });
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
