/** The streams (environment, suite, branch) of which there are histories. */
import { LISTED } from './id-list.ts';
import type { Engine } from './store.ts';

/** Environments, suites and branches are found one by one, so that the cost is that of the streams and of the span. */
const NEXT_SUITE = 'SELECT min(h.suite_id) FROM suite_history h';
const NEXT_BRANCH = 'SELECT min(h.branch_id) FROM suite_history h';
export const STREAMS = (engine: Engine) => `WITH RECURSIVE suited (env_id, suite_id) AS (
    SELECT e.id, (${NEXT_SUITE} WHERE h.env_id = e.id) FROM env e WHERE e.id IN ${LISTED[engine]}
    UNION ALL
    SELECT s.env_id, (${NEXT_SUITE} WHERE h.env_id = s.env_id AND h.suite_id > s.suite_id) FROM suited s
    WHERE s.suite_id IS NOT NULL),
  stream (env_id, suite_id, branch_id) AS (
    SELECT s.env_id, s.suite_id, (${NEXT_BRANCH} WHERE h.env_id = s.env_id AND h.suite_id = s.suite_id) FROM suited s
    WHERE s.suite_id IS NOT NULL
    UNION ALL
    SELECT s.env_id, s.suite_id,
      (${NEXT_BRANCH} WHERE h.env_id = s.env_id AND h.suite_id = s.suite_id AND h.branch_id > s.branch_id)
    FROM stream s WHERE s.branch_id IS NOT NULL)`;
export const PLACE = 'h.env_id = s.env_id AND h.suite_id = s.suite_id AND h.branch_id = s.branch_id';
