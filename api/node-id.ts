/** Opaque ids: the kind and the natural key, so that they hold over restarts, restores and engines. */
import { z } from 'zod';

const text = z.string();
const flag = z.int().min(0).max(1);
/** The natural key of each kind. */
const KEYS = {
  Source: z.tuple([text]),
  SyncRun: z.tuple([text, z.int()]),
  /** Slug, and the hash in hexadecimal. */
  DeadLetter: z.tuple([text, z.string().regex(/^([0-9a-f]{2})+$/)]),
  Worker: z.tuple([text, text]),
  Device: z.tuple([text, text]),
  DeviceType: z.tuple([text]),
  Job: z.tuple([text, z.int32(), text]),
  TestCase: z.tuple([text, z.int32(), text, z.int()]),
  /** The job's, and when it was written. */
  Note: z.tuple([text, z.int32(), text, z.int()]),
  Project: z.tuple([text]),
  Build: z.tuple([text, text, text]),
  FailureGroup: z.tuple([text]),
  KnownIssue: z.tuple([z.int32()]),
  Account: z.tuple([text]),
  /** The hash in hexadecimal. */
  AccessToken: z.tuple([z.string().regex(/^[0-9a-f]{64}$/)]),
  Session: z.tuple([z.string().regex(/^[0-9a-f]{64}$/)]),
  FeedSubscription: z.tuple([z.string().regex(/^[0-9A-Za-z]{24}$/)]),
  Delivery: z.tuple([z.string().regex(/^msg_[0-9A-Za-z]{24}$/)]),
  AuditEvent: z.tuple([z.int32()]),
  GroupMerge: z.tuple([z.int32()]),
  /** Fingerprint of the group that was split, and key of the split. */
  GroupSplit: z.tuple([text, text]),
  /** Project, branch, second it began; suite, name, whether it has a set, set, device type; days of the base, health checks; sources if not all. */
  Regression: z.tuple([text, text, z.int(), text, text, flag, text, text, z.int().min(1).max(90), flag]).rest(text),
} as const;

export type NodeKind = keyof typeof KEYS;

export function toNodeId(kind: NodeKind, ...key: (string | number)[]): string {
  return Buffer.from(JSON.stringify([kind, ...key])).toString('base64url');
}

/** Null when the text is no id of ours: it then names nothing. */
export function fromNodeId(id: string): { kind: NodeKind; key: (string | number)[] } | null {
  try {
    const [kind, ...key] = z.array(z.unknown()).parse(JSON.parse(Buffer.from(id, 'base64url').toString('utf8')));
    const known = z.enum(Object.keys(KEYS) as NodeKind[]).parse(kind);
    return { kind: known, key: KEYS[known].parse(key) };
  } catch {
    return null;
  }
}
