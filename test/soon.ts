import { expect } from 'vitest';

/** As `expect.poll`, for what takes longer on a busy machine. */
export const soon: typeof expect.poll = (read, options) => expect.poll(read, { timeout: 20_000, ...options });
