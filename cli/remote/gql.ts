/** `basalt gql`: asks a Basalt a query, and prints the answer as JSON. */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { type DocumentNode, GraphQLError, parse } from 'graphql';
import { EXIT } from '../exit-code.ts';
import { CommandFailure } from '../failure.ts';
import { nextPage, pagedField } from './pages.ts';
import { ask, serverOf, wordsOf } from './server.ts';
import { variablesOf } from './variables.ts';

export type GqlOptions = { url?: string; var: string[]; file?: string; paginate?: true };

/** 0; 1 when the answer has errors, which go to standard error. */
export async function askQuery(
  env: NodeJS.ProcessEnv,
  given: string | null,
  { url, var: terms, file, paginate }: GqlOptions,
): Promise<number> {
  const query = await queryOf(given, file);
  const document = parsed(query);
  let variables = variablesOf(document, terms);
  const paged = paginate ? pagedField(document) : null;
  const server = serverOf(env, url);
  while (true) {
    const { data, errors } = await ask(server, query, variables);
    if (data) print({ data, ...(errors ? { errors } : {}) });
    if (errors || !data) {
      process.stderr.write(`${wordsOf({ errors })}\n`);
      return EXIT.findings;
    }
    const after = paged ? nextPage(data, paged) : null;
    if (after === null) return EXIT.ok;
    if (after === variables.after) throw new CommandFailure(EXIT.findings, 'the next page is the same as this one');
    variables = { ...variables, after };
  }
}

function print(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer, null, process.stdout.isTTY ? 2 : 0)}\n`);
}

async function queryOf(given: string | null, file: string | undefined): Promise<string> {
  if (given !== null && given !== '-' && file !== undefined)
    throw new CommandFailure(EXIT.usage, 'give a query or --file, not both');
  if (file !== undefined) {
    try {
      return readFileSync(file, 'utf8');
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
      throw new CommandFailure(EXIT.usage, `${file}: cannot be read (${code})`);
    }
  }
  if (given !== null && given !== '-') return given;
  if (given === null && process.stdin.isTTY)
    throw new CommandFailure(EXIT.usage, "which query? For example: basalt gql '{ meta { version } }'");
  return text(process.stdin);
}

function parsed(query: string): DocumentNode {
  try {
    return parse(query);
  } catch (cause) {
    if (!(cause instanceof GraphQLError)) throw cause;
    const { line, column } = cause.locations?.[0] ?? { line: 1, column: 1 };
    throw new CommandFailure(EXIT.usage, `the query, line ${line}, column ${column}: ${cause.message}`);
  }
}
