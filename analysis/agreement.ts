/** What the results of several labs say of one test together. A skip and an unknown result agree with everything. */

/** Labs that ran the test, and of these those where it passes and where it fails. */
export type Standing = { ran: number; pass: number; fail: number };

/** Of tests that two labs ran at least. CONFIRMED fails in as many labs as the quorum asks for, UNCONFIRMED in fewer. */
export const AGREEMENTS = ['ALL', 'CONFLICTS', 'AGREEING', 'CONFIRMED', 'UNCONFIRMED'] as const;
export type Agreement = (typeof AGREEMENTS)[number];

/** Pass in one lab and fail in another. */
export function isConflict({ pass, fail }: Standing): boolean {
  return pass > 0 && fail > 0;
}

export function isOf(agreement: Agreement, standing: Standing, quorum: number): boolean {
  const { ran, pass, fail } = standing;
  if (ran < 2) return false;
  switch (agreement) {
    case 'ALL':
      return true;
    case 'CONFLICTS':
      return isConflict(standing);
    case 'AGREEING':
      return pass + fail >= 2 && !isConflict(standing);
    case 'CONFIRMED':
      return fail > 0 && fail >= quorum;
    case 'UNCONFIRMED':
      return fail > 0 && fail < quorum;
  }
}
