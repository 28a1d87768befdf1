/** `a / b` rounded down, as both engines' integers do only for what is not negative. */
export const floored = (a: string, b: number) => `((${a} - ((${a} % ${b}) + ${b}) % ${b}) / ${b})`;

/** The row of suite_history `h` of the run `r` of the job `j`: its whole key. */
export const SAME_PLACE = `h.suite_id = r.suite_id AND h.branch_id = j.branch_id AND h.env_id = j.env_id
  AND h.at = ${floored('j.submit_at', 1_000_000)} AND h.number = j.number AND h.job_id = j.id AND h.ord = r.ord`;
