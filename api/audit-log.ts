import { type AuditEventRow, auditEventKey, listAuditEvents } from '#store/audit-event.ts';
import { type Connection, readPage, toConnection } from './connection.ts';
import type { Resolvers } from './graphql/types.ts';
import { toNodeId } from './node-id.ts';

export type AuditEventList = Connection<AuditEventRow, null>;

export const auditLog: Pick<Resolvers, 'Query' | 'AuditEvent' | 'AuditEventConnection'> = {
  Query: {
    async auditLog(_, { target, ...args }, { store, viewer }) {
      const page = await listAuditEvents(store, viewer, target ?? null, readPage(args, ['id']));
      return page && toConnection(page, auditEventKey, {}, async () => null);
    },
  },
  AuditEvent: { id: ({ id }) => toNodeId('AuditEvent', id) },
  AuditEventConnection: { nodes: ({ edges }) => edges.map(({ node }) => node) },
};
