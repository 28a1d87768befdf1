/** Counts what a source is asked, by what it is asked for, until somebody has written it down. */
import type { Asked, RequestKind } from '#schema/records.ts';
import type { Http } from './http.ts';

export type Meter = {
  note(kind: RequestKind, one: { failed: boolean; bytes: number; durationMs: number }): void;
  /** What was noted since the last time; noted again when `save` fails. */
  drain(save: (asked: Asked[]) => Promise<void>): Promise<void>;
};

export function createMeter(): Meter {
  let noted = new Map<RequestKind, Asked>();
  const add = ({ kind, requests, failed, bytes, durationsMs }: Asked) => {
    const sum = noted.get(kind) ?? { kind, requests: 0, failed: 0, bytes: 0, durationsMs: [] };
    noted.set(kind, sum);
    sum.requests += requests;
    sum.failed += failed;
    sum.bytes += bytes;
    for (const ms of durationsMs) sum.durationsMs.push(ms);
  };
  return {
    note: (kind, { failed, bytes, durationMs }) =>
      add({ kind, requests: 1, failed: failed ? 1 : 0, bytes, durationsMs: [durationMs] }),
    async drain(save) {
      if (noted.size === 0) return;
      const taken = [...noted.values()];
      noted = new Map();
      try {
        await save(taken);
      } catch (cause) {
        for (const asked of taken) add(asked);
        throw cause;
      }
    },
  };
}

/** The same way out, all that is asked counted as of one kind. */
export function countedAs(http: Http, kind: RequestKind): Http {
  return {
    ...http,
    get: (path, options) => http.get(path, { ...options, kind }),
    getJson: (path, options) => http.getJson(path, { ...options, kind }),
    post: (path, call, options) => http.post(path, call, { ...options, kind }),
  };
}
