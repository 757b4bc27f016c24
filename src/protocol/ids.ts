/** What a document, node or client may be called. Not `.` or `..`: a URL with these is another URL. */
export const ID_PATTERN = /^(?!\.{1,2}$)[A-Za-z0-9._~:-]{1,128}$/;

/** The same in words. */
export const ID_IN_WORDS = "1 to 128 of A-Z a-z 0-9 . _ ~ : -";

/** What a segment of a URL names. What is malformed stays as it is, and is no id: `%` is in none. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
