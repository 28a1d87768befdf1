/** Where the API answers. Read at each request: the server learns its own address only once it listens. */
export function apiUrl(): string {
  return process.env.BASALT_API_URL || 'http://127.0.0.1:3000';
}
