/** Where the API answers. Read at each request: the server learns its own address only once it listens. */
export function apiUrl(): string {
  return process.env.BASALT_API_URL || 'http://127.0.0.1:3000';
}

/** By which the server knows a page of its own: what pages ask is counted for nobody. */
export function pageKey(): string {
  return process.env.BASALT_PAGE_KEY ?? '';
}
