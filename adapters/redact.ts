/** Strikes the source's own token, and whatever JSON keeps under a secret's name, out of a text. */
export function createRedactor(token: string | null): (text: string) => string {
  return (text) => {
    const struck = text.replace(/("(?:token|secret|password|passwd|api_key|authorization)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi, '$1"[redacted]"');
    return token ? struck.replaceAll(token, '[redacted]') : struck;
  };
}
