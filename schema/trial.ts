/** What came of asking a source that is not read yet. */
import type { Probe } from './records.ts';

export type TrialProblem =
  | 'WRONG_PATH'
  | 'NOT_A_MASTER'
  | 'WRONG_TOKEN'
  | 'TOKEN_WITHOUT_RIGHTS'
  | 'LOGIN_WALL'
  | 'KEPT_OUT'
  | 'OTHER_ADDRESS'
  | 'UNKNOWN_NAME'
  | 'REFUSED'
  | 'NO_ANSWER'
  | 'CERTIFICATE'
  | 'FORBIDDEN_ADDRESS'
  | 'MASTER_FAILED';

export type Trial =
  | { ok: true; probe: Probe; slowestMs: number | null; requests: number }
  | {
      ok: false;
      problem: TrialProblem;
      /** What is wrong and what to do, in words. */
      message: string;
      /** The address that is probably meant. */
      proposedUrl: string | null;
    };
