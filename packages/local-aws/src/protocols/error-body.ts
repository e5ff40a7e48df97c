import type { JsonCodec2 } from '@smithy/core/protocols';
import type { AwsError } from '../kernel/errors.ts';
import type { Model } from './model.ts';

/** The shape's name where the exception is modelled (JSON and CBOR clients know it by that), else the code. */
export function wireName(model: Model, error: AwsError): string {
  return model.errors.get(error.code)?.name ?? error.code;
}

/** `{"__type": …, "message": …}` with the exception's further members as its schema spells them. */
export function encodeErrorBody(model: Model, error: AwsError, codec: JsonCodec2): string {
  const modelled = model.errors.get(error.code);
  let members: object = error.members;
  if (modelled && Object.keys(members).length > 0) {
    const serializer = codec.createSerializer();
    serializer.write(modelled.schema, members);
    const bytes = serializer.flush();
    members = JSON.parse(typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes)) as object;
  }
  return JSON.stringify({ __type: wireName(model, error), ...messageMembers(model, error), ...members });
}

/** Models disagree whether it is `message` or `Message`; clients read either, an exception's schema only its own. */
export function messageMembers(model: Model, error: AwsError): Record<string, string> {
  const schema = model.errors.get(error.code)?.schema;
  const name = schema?.isStructSchema() && 'Message' in schema.getMemberSchemas() ? 'Message' : 'message';
  return { [name]: error.message };
}
