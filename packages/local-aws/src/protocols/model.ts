import { NormalizedSchema, translateTraits } from '@smithy/core/schema';
import type { ServiceEntry } from '../kernel/service-entry.ts';
import { structureTuple } from './partial-schema.ts';

/** One operation, as the SDK client's own schema describes it. */
export type ModelOperation = {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
  /** Of REST protocols: method, path template with its query, success status. */
  readonly http?: readonly [method: string, uri: string, status: number];
  /** The member that is the whole body and may be long: it is handed over as a stream. */
  readonly streamsInput: boolean;
  readonly requiredMembers: readonly string[];
};

/** A modelled exception. `queryCode` is what the Query protocol calls it, where that differs from its name. */
export type ModelError = {
  readonly name: string;
  readonly queryCode: string;
  readonly schema: NormalizedSchema;
};

/** What an SDK client knows of its service. */
export type Model = {
  readonly entry: ServiceEntry;
  readonly operations: ReadonlyMap<string, ModelOperation>;
  /** By name, and by Query code. */
  readonly errors: ReadonlyMap<string, ModelError>;
};

/** Stands in where an error has to be spelled before it is known whose it is. */
export const noModel: Model = {
  entry: {
    id: '',
    protocol: 'awsJson',
    sdk: async () => ({}),
    load: () => Promise.reject(new Error('no service')),
  },
  operations: new Map(),
  errors: new Map(),
};

type SchemaRef = Parameters<typeof NormalizedSchema.of>[0];
/** Static schemas are tuples; see `StaticSchema` of @smithy/types. */
type OperationTuple = [
  kind: 9,
  namespace: string,
  name: string,
  traits: never,
  input: SchemaRef,
  output: SchemaRef,
];
type ErrorTuple = [kind: -3, namespace: string, name: string, ...rest: never[]];

export async function loadModel(entry: ServiceEntry): Promise<Model> {
  const operations = new Map<string, ModelOperation>();
  const errors = new Map<string, ModelError>();
  for (const [exported, value] of Object.entries(await entry.sdk())) {
    if (!exported.endsWith('$') || !Array.isArray(value)) continue;
    if (value[0] === 9) addOperation(operations, value as OperationTuple);
    else if (value[0] === -3) addError(errors, value as ErrorTuple);
  }
  return { entry, operations, errors };
}

function addOperation(
  operations: Map<string, ModelOperation>,
  [, , name, traits, input, output]: OperationTuple,
) {
  const inputSchema = NormalizedSchema.of(input);
  const { http } = translateTraits(traits ?? 0) as { http?: [string, string, number] };
  operations.set(name, {
    name,
    input: inputSchema,
    output: NormalizedSchema.of(output),
    ...(http && { http }),
    streamsInput: http !== undefined && hasStream(inputSchema),
    requiredMembers: requiredMembers(inputSchema),
  });
}

/** A structure lists its required members first and says how many they are. */
export function requiredMembers(schema: NormalizedSchema): readonly string[] {
  if (!schema.isStructSchema()) return [];
  const [, , , , members, , required = 0] = structureTuple(schema);
  return required === 0 ? [] : members.slice(0, required);
}

function hasStream(schema: NormalizedSchema) {
  if (!schema.isStructSchema()) return false;
  for (const [, member] of schema.structIterator()) if (member.isStreaming()) return true;
  return false;
}

function addError(errors: Map<string, ModelError>, tuple: ErrorTuple) {
  const schema = NormalizedSchema.of(tuple as unknown as SchemaRef);
  const { awsQueryError } = schema.getMergedTraits() as { awsQueryError?: [string, number] };
  const error = { name: tuple[2], queryCode: awsQueryError?.[0] ?? tuple[2], schema };
  errors.set(error.name, error);
  if (!errors.has(error.queryCode)) errors.set(error.queryCode, error);
}
