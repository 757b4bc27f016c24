import { LIMITS, type Principal } from "../protocol/index.ts";
import { ANY_NODE } from "../storage.ts";
import {
  type Approve,
  type Attrs,
  type Effect,
  type NodeId,
  type Operation,
  type ReadStore,
  type Refusal,
  weighAttrs,
} from "../tree/index.ts";

/** A node as it stands. What is asked of it is looked up then, and counts as work of who has sent the mutation. */
export interface SeenNode {
  readonly id: NodeId;
  readonly type: string;
  readonly attrs: Attrs;
  /** Whether it was removed; what is below it went with it. */
  readonly removed: boolean;
  /** What it stands in, or has stood in when it was removed; null for the root, and where that is not kept any more. */
  readonly parent: SeenNode | null;
}

/** What a mutation does to one node. */
export interface TouchedNode {
  /** The index of the operation that comes to this. */
  readonly op: number;
  readonly kind: Effect["op"];
  readonly id: NodeId;
  /** The node, and where it stands, before all of the mutation; null for a new one. A removed one stands where it was removed. */
  readonly before: SeenNode | null;
  /** The same after all of it. */
  readonly after: SeenNode | null;
}

/** A mutation that would be done. */
export interface MutationRequest {
  readonly documentId: string;
  readonly principal: Principal;
  /** As it asks for them. */
  readonly operations: readonly Operation[];
  /** What they come to as the tree is: for an undo, a restored branch or a conflict, too. A branch is named by its top where it moves or goes. */
  readonly touched: readonly TouchedNode[];
}

/** Yes, or why not, with the index of the operation at fault (default: the first). */
export type MutationVerdict = true | { readonly message: string; readonly op?: number };

/**
 * Says whether a mutation may be done. A pure function, called in the middle of deciding: not asynchronous. One that throws, or says anything
 * else, has refused.
 */
export type AuthorizeMutation = (request: MutationRequest) => MutationVerdict;

/** The application's word on mutations. */
export interface Authorizing {
  readonly decide: AuthorizeMutation;
  /** It has thrown. */
  failed(error: unknown): void;
}

const TOO_MUCH: Refusal = {
  code: "tooLarge",
  message: "too much would have to be looked at to know whether this may be done; take it apart",
};
const UNDECIDED = "it could not be decided whether this may be done";

/** Asks the application about one mutation; what that takes counts as part of the decision. */
export function approval(
  { decide, failed }: Authorizing,
  asked: Omit<MutationRequest, "touched">,
  looks: { decided: number },
): Approve {
  return ({ effects, ends, before, after }) => {
    let left: number = LIMITS.looksPerApproval;
    const look = (work: number) => {
      looks.decided += work;
      if (left-- <= 0) throw new Error(TOO_MUCH.message);
    };
    const ask = (): unknown => {
      try {
        return decide({ ...asked, touched: touchedBy(effects, ends, before, after, look) });
      } catch (error) {
        if (left >= 0) failed(error);
        return null;
      }
    };
    looks.decided += effects.length * ANY_NODE;
    const verdict = ask();
    // Whatever it made of what it was not given.
    if (left < 0) return { ...TOO_MUCH, op: 0 };
    return verdict === true ? null : refusalOf(verdict, asked.operations.length);
  };
}

function refusalOf(verdict: unknown, operations: number): Refusal & { readonly op: number } {
  const { message, op }: { message?: unknown; op?: unknown } = typeof verdict === "object" && verdict ? verdict : {};
  const isIndex = typeof op === "number" && Number.isInteger(op) && op >= 0 && op < operations;
  return { code: "forbidden", message: typeof message === "string" ? message : UNDECIDED, op: isIndex ? op : 0 };
}

function touchedBy(
  effects: readonly Effect[],
  ends: readonly number[],
  before: ReadStore,
  after: ReadStore,
  look: (work: number) => void,
): TouchedNode[] {
  let op = 0;
  return effects.map((effect, index) => {
    while (index >= (ends[op] ?? Number.POSITIVE_INFINITY)) op++;
    const id = effect.op === "insert" ? effect.node.id : effect.id;
    return {
      ...{ op, kind: effect.op, id },
      get before() {
        return see(before, id, look);
      },
      get after() {
        return see(after, id, look);
      },
    };
  });
}

function see(store: ReadStore, id: NodeId, look: (work: number) => void): SeenNode | null {
  const node = store.get(id);
  look(ANY_NODE + (node ? weighAttrs(node.attrs) : 0));
  if (!node) return null;
  const { type, attrs, removed, parent } = node;
  return {
    ...{ id, type, attrs, removed: removed !== null },
    get parent() {
      return parent === null ? null : see(store, parent, look);
    },
  };
}
