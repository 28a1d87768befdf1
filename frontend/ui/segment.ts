/** A part of a path as it was meant: names may hold any character, also a slash. Broken escapes stay as they are. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    if (cause instanceof URIError) return segment;
    throw cause;
  }
}
