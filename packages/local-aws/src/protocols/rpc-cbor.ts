import { AwsError } from '../kernel/errors.ts';
import { cbor } from './codecs.ts';
import { messageMembers, wireName } from './error-body.ts';
import { queryError } from './json-rpc.ts';
import type { Members, WireProtocol } from './wire.ts';
import { cbor as raw } from '@smithy/core/cbor';

const headers = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' };

/** Smithy RPC v2 CBOR: `POST /service/<prefix>/operation/<Operation>`. */
export const rpcCbor: WireProtocol = {
  async decode(_model, operation, request) {
    const body = await request.body();
    if (body.length === 0) return {};
    try {
      return ((await cbor.createDeserializer().read(operation.input, body)) ?? {}) as Members;
    } catch (cause) {
      throw new AwsError('SerializationException', cause instanceof Error ? cause.message : String(cause));
    }
  },
  encode(_model, operation, output) {
    if (operation.output.isUnitSchema())
      return { status: 200, headers: { ...headers }, body: raw.serialize({}) };
    const serializer = cbor.createSerializer();
    serializer.write(operation.output, output);
    return { status: 200, headers: { ...headers }, body: serializer.flush() };
  },
  encodeError(model, error) {
    const code = model.errors.get(error.code)?.queryCode ?? error.code;
    return {
      status: error.status,
      headers: {
        ...headers,
        ...(model.entry.queryCompatible && { 'x-amzn-query-error': queryError(code, error) }),
      },
      body: raw.serialize({
        __type: wireName(model, error),
        ...messageMembers(model, error),
        ...error.members,
      }),
    };
  },
};
