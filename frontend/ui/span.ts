/** A stretch of a timeline: queued, deploy, boot or test. */
export type Span = { name: string; kind: 'q' | 'd' | 'b' | 't'; seconds: number };
