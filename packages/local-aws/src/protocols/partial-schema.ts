import { NormalizedSchema } from '@smithy/core/schema';

/** A structure's static schema; see `StaticStructureSchema` of @smithy/types. */
export type StructureTuple = [
  kind: 3,
  namespace: string,
  name: string,
  traits: unknown,
  members: string[],
  schemas: unknown[],
  required?: number,
];

type SchemaRef = Parameters<typeof NormalizedSchema.of>[0];

const renamedSchemas = new WeakMap<NormalizedSchema, NormalizedSchema>();
const bodySchemas = new WeakMap<NormalizedSchema, NormalizedSchema>();

export function structureTuple(schema: NormalizedSchema): StructureTuple {
  return schema.getSchema() as unknown as StructureTuple;
}

/** The same structure under another XML name (Query wraps its answers in `<OperationResult>`). One name per schema. */
export function renamed(schema: NormalizedSchema, name: string): NormalizedSchema {
  let result = renamedSchemas.get(schema);
  if (result === undefined) {
    const [kind, namespace, , , members, schemas] = structureTuple(schema);
    result = NormalizedSchema.of([
      kind,
      namespace,
      name,
      0,
      members ?? [],
      schemas ?? [],
    ] as unknown as SchemaRef);
    renamedSchemas.set(schema, result);
  }
  return result;
}

/** The structure without the members that travel in headers, labels, the query or the status: what its body holds. */
export function bodyOnly(schema: NormalizedSchema): NormalizedSchema {
  let result = bodySchemas.get(schema);
  if (result === undefined) {
    const [kind, namespace, name, traits, members, schemas] = structureTuple(schema);
    const inBody = [...schema.structIterator()]
      .filter(([, member]) => !isBound(member))
      .map(([member]) => member);
    const bodySchemaRefs = inBody.map((member) => schemas[members.indexOf(member)]);
    result = NormalizedSchema.of([
      kind,
      namespace,
      name,
      traits,
      inBody,
      bodySchemaRefs,
    ] as unknown as SchemaRef);
    bodySchemas.set(schema, result);
  }
  return result;
}

function isBound(member: NormalizedSchema) {
  const traits = member.getMergedTraits();
  return Boolean(
    traits.httpLabel ||
    traits.httpQuery ||
    traits.httpQueryParams ||
    traits.httpHeader ||
    typeof traits.httpPrefixHeaders === 'string' ||
    traits.httpResponseCode ||
    traits.httpPayload,
  );
}
