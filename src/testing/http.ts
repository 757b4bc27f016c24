import type { Answer, Method } from "../client/connection/platform.ts";
import {
  chain,
  decodeHistoryRequest,
  decodeSegment,
  ERRORS,
  failure,
  ID_PATTERN,
  isPlainObject,
  type Principal,
  problemText,
  type Result,
  readBody,
  readHistoryQuery,
  readQuery,
} from "../protocol/index.ts";
import type { Deed } from "../protocol/rights.ts";
import type { UncheckedCalls } from "./calls.ts";

/** An address that a client asks for, taken apart. */
export interface Address {
  readonly documentId: string;
  /** What follows the document: `/history`, `/versions/ID`; empty for the document itself. */
  readonly path: string;
  readonly query: string;
}

/** Null where the address is none of a document. */
export function parseAddress(url: string): Address | null {
  const [, documentId = "", path = "", query = ""] = ADDRESS.exec(url) ?? [];
  return ID_PATTERN.test(documentId) ? { documentId, path, query } : null;
}

const ADDRESS = /^\w+:\/\/[^?#]*\/documents\/([^/?#]+)((?:\/[^/?#]+){1,2})?(?:\?([^#]*))?(?:#.*)?$/;

/** A request to a document, as far as a client makes any; everything else is answered `notFound`. */
export interface TestRequest {
  readonly method: Method;
  readonly address: Address;
  readonly body: string;
  readonly principal: Principal;
}

/** Answers a request as `object/http.ts` does. */
export function answerRequest(calls: UncheckedCalls, { method, address, body, principal }: TestRequest): Answer {
  const { documentId, path } = address;
  const parameters = parametersOf(address.query);
  const as = (deed: Deed, make: (admitted: Principal) => Answer): Answer => {
    const admitted = calls.admit(principal, deed);
    return admitted.ok ? make(admitted.value) : problemAnswer(admitted);
  };
  const [, kind = "", id = ""] = path.split("/").map(decodeSegment);
  switch (`${method} ${path === "" ? "" : `/${kind}`}${id === "" ? "" : "/:id"}`) {
    case "GET ":
      return as("info", () => answer(calls.info()));
    case "GET /tree":
      return as("tree", () => {
        const text = calls.treeText(readQuery(parameters, ["depth", "at"]));
        return text.ok ? { status: 200, text: text.value } : problemAnswer(text);
      });
    case "GET /history":
      return as("history", () => {
        const request = decodeHistoryRequest(readHistoryQuery(parameters));
        if (!request.ok) return problemAnswer(request);
        const { by, ...query } = request.value;
        return answer<unknown>(by === "session" ? calls.historySessions(query) : calls.history(query));
      });
    case "GET /diff":
      return as("diff", () => answer(calls.diff(readQuery(parameters, ["from", "to", "after", "limit"], ["ops"]))));
    case "POST /restore":
      return as("restore", (admitted) => answer(chain(readBody(body), (call) => calls.restore(call, admitted))));
    case "GET /blame":
      return as("blame", () => answer(calls.blame(readQuery(parameters, ["from", "to"]))));
    case "GET /bin":
      return as("bin", () => answer(calls.bin(readQuery(parameters, ["limit"]))));
    case "POST /undo":
      return as("undo", (admitted) => answer(chain(readBody(body), (call) => calls.undo(call, admitted))));
    case "GET /versions":
      return as("versions", () => answer(calls.versions(readQuery(parameters, ["limit"]))));
    case "POST /versions":
      return as("nameVersion", (admitted) =>
        answer(
          chain(readBody(body), (call) => calls.nameVersion(call, admitted)),
          201,
        ),
      );
    case "PATCH /versions/:id":
      return as("renameVersion", (admitted) =>
        answer(
          chain(readBody(body), (call) => calls.renameVersion(isPlainObject(call) ? { ...call, id } : call, admitted)),
        ),
      );
    case "DELETE /versions/:id":
      return as("deleteVersion", (admitted) => answer(calls.deleteVersion({ id }, admitted)));
    case "POST /mutations":
      return as("mutate", (admitted) => answer(chain(readBody(body), (call) => calls.mutate(call, admitted))));
    case "GET /export":
      return as("export", (admitted) => {
        const lines = calls.export(readQuery(parameters, [], ["history"]), admitted);
        return lines.ok ? { status: 200, text: lines.value } : problemAnswer(lines);
      });
    case "POST /import":
      return as("import", (admitted) => made(calls.import(body, admitted)));
    case "POST /fork":
      return as("fork", (admitted) => made(chain(readBody(body), (input) => calls.fork(input, admitted, admitted))));
    case "POST /stop":
      return as("stop", () => answer(calls.stop()));
    default:
      return problemAnswer(failure("notFound", `there is no ${method} /documents/${documentId}${path}`));
  }
}

/** A problem as RFC 9457 has it. */
export function problemAnswer({ problem }: Result<never> & { ok: false }): Answer {
  return { status: ERRORS[problem.code].status, text: problemText(problem) };
}

/** Through JSON, as on the wire: what the client gets is a copy. */
function answer<T>(result: Result<T>, status = 200): Answer {
  return result.ok ? { status, text: JSON.stringify(result.value) } : problemAnswer(result);
}

function made<T>(result: Result<T>): Answer {
  return result.ok ? { status: 201, text: JSON.stringify(result.value) } : problemAnswer(result);
}

function parametersOf(query: string): [string, string][] {
  const decode = (text: string) => decodeURIComponent(text.replaceAll("+", " "));
  const given = query.split("&").filter((each) => each !== "");
  return given.map((each) => {
    const [key = "", ...value] = each.split("=");
    return [decode(key), decode(value.join("="))];
  });
}
