import { failure, LIMITS, type Principal, type Result, type Role, success, type User } from "../protocol/index.ts";

/** Decodes a principal that other code has made; `unauthorised`, with the field at fault. */
export function decodePrincipal(input: unknown): Result<Principal> {
  if (!isRecord(input)) return failure("unauthorised", "a principal is { user, role, expires? }");
  const { user, role, expires, issued, renewable } = input;
  const decoded = user === null ? success(null) : decodeUser(user);
  if (!decoded.ok) return decoded;
  if (!isRole(role)) return failure("unauthorised", "role: must be read, write or admin");
  if (!isTime(expires)) return failure("unauthorised", "expires: must be Unix milliseconds");
  if (!isTime(issued)) return failure("unauthorised", "issued: must be Unix milliseconds");
  const times = { ...(expires !== undefined && { expires }), ...(issued !== undefined && { issued }) };
  return success({ user: decoded.value, role, ...times, ...(renewable === true && { renewable }) });
}

/** Decodes a user; `unauthorised`, with the field at fault. Bounded, as it stands in the attachment of each of its sockets. */
export function decodeUser(input: unknown): Result<User> {
  if (!isRecord(input)) return failure("unauthorised", "user: must be { id, name? } or null");
  const { id, name } = input;
  if (!isText(id, LIMITS.userIdLength) || id === "") {
    return failure("unauthorised", `user.id: must be 1 to ${LIMITS.userIdLength} characters, none for control`);
  }
  if (name === undefined) return success({ id });
  if (!isText(name, LIMITS.userNameLength)) {
    return failure("unauthorised", `user.name: must be at most ${LIMITS.userNameLength} characters, none for control`);
  }
  return success({ id, name });
}

export function isRole(input: unknown): input is Role {
  return input === "read" || input === "write" || input === "admin";
}

export function isRecord(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === "object" && input !== null && !Array.isArray(input);
}

function isTime(input: unknown): input is number | undefined {
  return input === undefined || (typeof input === "number" && Number.isFinite(input));
}

/**
 * Half of a surrogate pair would come back from storage as something else, and so would its user. A character for control is nobody's
 * name, and takes six bytes in an attachment, twice what any other takes.
 */
function isText(input: unknown, length: number): input is string {
  return typeof input === "string" && input.length <= length && input.isWellFormed() && !/\p{Cc}/u.test(input);
}
