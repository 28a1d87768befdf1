/** The commands that ask a Basalt over the network. They need no store and no configuration. */
import type { Command } from 'commander';
import type { GqlOptions } from './gql.ts';
import type { LoginOptions } from './login.ts';
import type { TokenOptions } from './token.ts';

const URL_OPTION = ['--url <url>', 'of the Basalt (default: BASALT_URL, else where one has logged in)'] as const;
const SCOPES = 'read (the default), write:triage, write:sources or write:access; may be repeated';

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
  program
    .command('login')
    .argument('<url>', 'of the Basalt')
    .option('--token <->', 'keep a token that there is: "-" reads it from standard input')
    .option('--scope <scope>', SCOPES, collect, [])
    .option('--days <n>', 'it lasts so long', '90')
    .description('ask for login and password, make an access token by them, and keep it for gql, token and export')
    .action(async (url: string, options: LoginOptions) => {
      const { login } = await import('./login.ts');
      end(await login(env, url, options));
    });
  program
    .command('logout')
    .description('forget the token that login has kept')
    .action(async () => {
      const { logout } = await import('./login.ts');
      end(logout(env));
    });
  const token = program.command('token').description('access tokens of your account');
  token
    .command('list')
    .option(...URL_OPTION)
    .description('a line each: id, how it begins, name, scopes, sources, what became of it')
    .action(async (options: { url?: string }) => {
      const { listTokens } = await import('./token.ts');
      end(await listTokens(env, options));
    });
  token
    .command('create')
    .argument('<name>', 'what it is for')
    .option(...URL_OPTION)
    .option('--scope <scope>', SCOPES, collect, [])
    .option('--source <slug>', 'for this source alone; may be repeated', collect, [])
    .option('--days <n>', 'it lasts so long', '90')
    .description('ask for login and password, make a token, and print it: it is shown only now')
    .action(async (name: string, options: TokenOptions) => {
      const { createToken } = await import('./token.ts');
      end(await createToken(env, name, options));
    });
  token
    .command('revoke')
    .argument('<id>', 'of the list, or how the token begins there')
    .option(...URL_OPTION)
    .description('ask for login and password, and revoke a token')
    .action(async (id: string, options: { url?: string }) => {
      const { revokeToken } = await import('./token.ts');
      end(await revokeToken(env, id, options));
    });
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
