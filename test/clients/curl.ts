import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FIRST, NO_CURSOR, numbersOf, type Seen } from './client.ts';

const run = promisify(execFile);
const query = readFileSync(join(import.meta.dirname, 'documents.graphql'), 'utf8');

export async function seenByCurl(url: string): Promise<Seen> {
  const ask = async (operationName: string, variables: object) => {
    const body = JSON.stringify({ query, operationName, variables });
    const args = ['-sS', `${url}/graphql`, '-H', 'content-type: application/json', '--data-binary', body];
    return JSON.parse((await run('curl', args)).stdout);
  };
  const one = (await ask('Jobs', { first: FIRST })).data.jobs;
  const two = (await ask('Jobs', { first: FIRST, after: one.pageInfo.endCursor })).data.jobs;
  const { errors } = await ask('Jobs', { first: FIRST, after: NO_CURSOR });
  return {
    pages: [one, two].map(({ edges }) => numbersOf(edges)),
    health: (await ask('JobHealth', { id: one.edges[0].node.id })).data.node.health,
    codes: errors.map(({ extensions }: { extensions: { code: unknown } }) => extensions.code),
  };
}
