import { createRecordType, type RecordId, StoreSchema } from "@tldraw/store";
import { idValidator } from "@tldraw/tlschema";
import { T } from "@tldraw/validate";

export interface NodeRecord {
  readonly id: RecordId<NodeRecord>;
  readonly typeName: "node";
  readonly parentId: RecordId<NodeRecord>;
  readonly index: string;
  readonly type: string;
  /** Our `attrs`. tldraw takes and sends single keys only of objects that are called `props` or `meta`. */
  readonly props: object;
}

const id = idValidator<RecordId<NodeRecord>>("node");

/** Checked as tldraw's own schema checks a shape. */
export const schema = StoreSchema.create<NodeRecord>({
  node: createRecordType<NodeRecord>("node", {
    scope: "document",
    validator: T.object({
      id,
      typeName: T.literal("node"),
      parentId: id,
      index: T.indexKey,
      type: T.string,
      props: T.jsonDict(),
    }),
  }),
});
