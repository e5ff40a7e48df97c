import { AwsError } from '../kernel/errors.ts';
import { rpcJson } from './codecs.ts';
import { encodeErrorBody, wireName } from './error-body.ts';
import type { Members, WireProtocol } from './wire.ts';

/** awsJson 1.0 and 1.1: `POST /` with `X-Amz-Target: <prefix>.<Operation>`. */
export const jsonRpc: WireProtocol = {
  async decode(_model, operation, request) {
    const body = (await request.body()).toString();
    try {
      return ((await rpcJson.createDeserializer().read(operation.input, body === '' ? '{}' : body)) ??
        {}) as Members;
    } catch (cause) {
      throw new AwsError('SerializationException', cause instanceof Error ? cause.message : String(cause));
    }
  },
  encode(model, operation, output) {
    const serializer = rpcJson.createSerializer();
    let body: string | Uint8Array = '';
    if (!operation.output.isUnitSchema()) {
      serializer.write(operation.output, output);
      body = serializer.flush() ?? '{}';
    }
    return { status: 200, headers: { 'content-type': contentType(model.entry.jsonVersion) }, body };
  },
  encodeError(model, error) {
    return {
      status: error.status,
      headers: {
        'content-type': contentType(model.entry.jsonVersion),
        'x-amzn-errortype': wireName(model, error),
        ...(model.entry.queryCompatible && {
          'x-amzn-query-error': queryError(model.errors.get(error.code)?.queryCode ?? error.code, error),
        }),
      },
      body: encodeErrorBody(model, error, rpcJson),
    };
  },
};

const contentType = (version = '1.1') => `application/x-amz-json-${version}`;

/** `<Code>;<Sender|Receiver>`, for clients that knew the service by its old Query protocol. */
export const queryError = (code: string, error: AwsError) =>
  `${code};${error.status < 500 ? 'Sender' : 'Receiver'}`;
