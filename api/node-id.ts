/** Opaque ids: the kind and the natural key, so that they hold over restarts, restores and engines. */
import { z } from 'zod';

const Parts = z.tuple([z.string()], z.union([z.string(), z.number()]));

export type NodeKind =
  | 'Source'
  | 'SyncRun'
  | 'Worker'
  | 'Device'
  | 'DeviceType'
  | 'Job'
  | 'TestCase'
  | 'Project'
  | 'Build';

export function toNodeId(kind: NodeKind, ...key: (string | number)[]): string {
  return Buffer.from(JSON.stringify([kind, ...key])).toString('base64url');
}

/** Null when the text is no id of ours: it then names nothing. */
export function fromNodeId(id: string): { kind: string; key: (string | number)[] } | null {
  try {
    const [kind, ...key] = Parts.parse(JSON.parse(Buffer.from(id, 'base64url').toString('utf8')));
    return { kind, key };
  } catch {
    return null;
  }
}
