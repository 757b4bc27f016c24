/** What a document, node or client may be called. Not `.` or `..`: a URL with these is another URL. */
export const ID_PATTERN = /^(?!\.{1,2}$)[A-Za-z0-9._~:-]{1,128}$/;
