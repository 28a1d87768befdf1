import { expect, test } from 'vitest';
import { toInstant } from '#api/scalars.ts';
import { recordEvent } from '#store/audit-event.ts';
import { startServer } from './server.ts';

const access = [
  { login: 'ada', token: 'ada-token', teams: [], role: 'triage' as const },
  { login: 'root', token: 'root-token', teams: [], role: 'admin' as const },
];
type Log = {
  auditLog: { nodes: { target: string; before: unknown; after: unknown }[]; pageInfo: Record<string, unknown> } | null;
};

test('what people did is read by admins alone, the newest first, page by page and of one thing', async () => {
  const server = await startServer({ sources: ['alpha'], access });
  const { sql } = server.writer.store;
  for (const [i, target] of ['a', 'b\0\uD800', 'a', 'c'].entries())
    await recordEvent(sql, {
      at: i,
      actor: 'ada',
      action: 'x.y',
      target,
      before: i ? { i: i - 1 } : null,
      after: { i },
    });
  const log = async (variables: object, token?: string) => {
    const query = `query ($first: Int, $after: String, $last: Int, $before: String, $target: String) {
      auditLog(first: $first, after: $after, last: $last, before: $before, target: $target) {
        nodes { id at actor action target before after } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
    return (await server.data<Log>(query, { variables, ...(token && { token }) })).auditLog;
  };

  expect([await log({}), await log({}, 'ada-token')]).toEqual([null, null]);
  const all = await log({}, 'root-token');
  expect(all?.nodes.map(({ target }) => target)).toEqual(['c', 'a', 'b\0\uD800', 'a']);
  expect(all?.nodes[0]).toMatchObject({
    at: toInstant(3),
    actor: 'ada',
    action: 'x.y',
    before: { i: 2 },
    after: { i: 3 },
  });
  const first = await log({ first: 3 }, 'root-token');
  const rest = await log({ first: 3, after: first?.pageInfo.endCursor }, 'root-token');
  expect([...(first?.nodes ?? []), ...(rest?.nodes ?? [])]).toEqual(all?.nodes);
  expect(first?.pageInfo.hasNextPage).toBe(true);
  expect((await log({ last: 3, before: rest?.pageInfo.startCursor }, 'root-token'))?.nodes).toEqual(first?.nodes);
  expect((await log({ target: 'a' }, 'root-token'))?.nodes.map(({ after }) => after)).toEqual([{ i: 2 }, { i: 0 }]);
});
