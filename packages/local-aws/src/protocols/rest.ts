import { Readable } from 'node:stream';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../kernel/errors.ts';
import { readString, restJson as jsonCodec, writeString, xml } from './codecs.ts';
import { encodeErrorBody, wireName } from './error-body.ts';
import type { Model, ModelOperation } from './model.ts';
import { bodyOnly } from './partial-schema.ts';
import { bucketLabel, matchRoute } from './routes.ts';
import {
  httpStatus,
  wholeBody,
  type Answer,
  type Members,
  type WireProtocol,
  type WireRequest,
} from './wire.ts';
import { escapeXml } from './xml-text.ts';

/** restJson and restXml: members travel in the path, the query, headers and the body, as the schemas' traits say. */
function rest(kind: 'json' | 'xml'): Omit<WireProtocol, 'encodeError'> {
  const codec = (model: Model) => (kind === 'json' ? jsonCodec : xml(model.entry.xmlNamespace ?? ''));
  const contentType = kind === 'json' ? 'application/json' : 'application/xml';

  async function readBody(model: Model, schema: NormalizedSchema, body: Buffer) {
    if (body.length === 0) return undefined;
    try {
      return (await codec(model).createDeserializer().read(schema, body.toString())) as unknown;
    } catch (cause) {
      const code = kind === 'json' ? 'SerializationException' : 'MalformedXML';
      const text =
        'The XML you provided was not well-formed or did not validate against our published schema';
      throw new AwsError(code, kind === 'json' && cause instanceof Error ? cause.message : text);
    }
  }

  function writeBody(model: Model, schema: NormalizedSchema, value: unknown) {
    const serializer = codec(model).createSerializer();
    serializer.write(schema, value);
    return serializer.flush();
  }

  return {
    async decode(model, operation, request) {
      const labels = matchRoute(model, request)?.labels ?? new Map<string, string>();
      const input: Members = {};
      // S3's schemas leave the bucket to the host name; here it is always the first part of the path.
      if (labels.has(bucketLabel)) input[bucketLabel] = labels.get(bucketLabel);
      let bodyMembers = false;
      for (const [name, schema] of operation.input.isStructSchema() ? operation.input.structIterator() : []) {
        const traits = schema.getMergedTraits();
        if (traits.httpPayload) {
          if (schema.isStreaming()) input[name] = request.stream();
          else if (schema.isBlobSchema()) input[name] = await request.body();
          else if (schema.isStringSchema()) input[name] = (await request.body()).toString();
          else input[name] = await readBody(model, schema, await request.body());
        } else if (traits.httpLabel) input[name] = readString(schema, labels.get(name) ?? '');
        else if (isBoundElsewhere(traits)) readBound(input, name, schema, request);
        else bodyMembers = true;
      }
      if (bodyMembers)
        Object.assign(input, await readBody(model, bodyOnly(operation.input), await request.body()));
      for (const [name, value] of Object.entries(input)) if (value === undefined) delete input[name];
      return input;
    },
    encode(model, operation, output) {
      const headers: Record<string, string> = {};
      let status = (output as { [httpStatus]?: number })[httpStatus] ?? operation.http?.[2] ?? 200;
      let body: Answer['body'];
      let bodyMembers = false;
      let hasPayload = false;
      for (const [name, schema] of operation.output.isStructSchema()
        ? operation.output.structIterator()
        : []) {
        const traits = schema.getMergedTraits();
        const value = output[name];
        if (traits.httpPayload) {
          hasPayload = true;
          if (value === undefined || value === null) continue;
          if (value instanceof Readable || value instanceof Uint8Array || typeof value === 'string')
            body = value;
          else body = writeBody(model, schema, value);
          if (!schema.isStructSchema()) continue;
          headers['content-type'] ??= contentType;
        } else if (traits.httpResponseCode) status = typeof value === 'number' ? value : status;
        else if (traits.httpHeader) {
          if (value !== undefined && value !== null)
            headers[traits.httpHeader.toLowerCase()] = writeString(schema, value);
        } else if (typeof traits.httpPrefixHeaders === 'string') {
          for (const [key, text] of Object.entries(value ?? {}))
            headers[`${traits.httpPrefixHeaders}${key}`.toLowerCase()] = String(text);
        } else bodyMembers = true;
      }
      const own = (output as { [wholeBody]?: string })[wholeBody];
      if (own !== undefined) {
        body = own;
        headers['content-type'] ??= contentType;
      } else if (bodyMembers && !hasPayload) {
        body = writeBody(model, bodyOnly(operation.output), output);
        headers['content-type'] ??= contentType;
      }
      if (kind === 'json' && !hasPayload && body === undefined) body = '{}';
      return { status, headers, body };
    },
  };
}

type Traits = ReturnType<NormalizedSchema['getMergedTraits']>;

const isBoundElsewhere = (traits: Traits) =>
  Boolean(traits.httpQuery ?? traits.httpHeader ?? traits.httpQueryParams ?? traits.httpResponseCode) ||
  typeof traits.httpPrefixHeaders === 'string';

function readBound(input: Members, name: string, schema: NormalizedSchema, request: WireRequest) {
  const { httpQuery, httpHeader, httpPrefixHeaders } = schema.getMergedTraits();
  if (httpQuery) {
    const texts = request.query.getAll(httpQuery);
    if (texts.length === 0) return;
    input[name] = schema.isListSchema()
      ? texts.map((text) => readString(schema.getValueSchema(), text))
      : readString(schema, texts[0] ?? '');
  } else if (httpHeader) {
    const text = request.headers[httpHeader.toLowerCase()];
    if (text !== undefined) input[name] = readString(schema, String(text));
  } else if (typeof httpPrefixHeaders === 'string') {
    const prefix = httpPrefixHeaders.toLowerCase();
    const entries = Object.entries(request.headers).filter(([header]) => header.startsWith(prefix));
    input[name] = Object.fromEntries(
      entries.map(([header, text]) => [header.slice(prefix.length), String(text)]),
    );
  }
}

export const restJson: WireProtocol = {
  ...rest('json'),
  encodeError: (model, error) => ({
    status: error.status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': wireName(model, error) },
    body: encodeErrorBody(model, error, jsonCodec),
  }),
};

export const restXml: WireProtocol = {
  ...rest('xml'),
  encodeError: (_model, error, requestId) => {
    const further = Object.entries(error.members).map(
      ([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`,
    );
    return {
      status: error.status,
      headers: { 'content-type': 'application/xml' },
      // 304 and HEAD have no body; the server leaves it out there.
      body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message>${further.join('')}<RequestId>${requestId}</RequestId></Error>`,
    };
  },
};

/** The operation a REST request asks for; throws where there is none. */
export function restOperation(model: Model, request: WireRequest): ModelOperation {
  const matched = matchRoute(model, request);
  if (matched) return matched.operation;
  throw new AwsError(
    'UnknownOperationException',
    `${request.method} ${request.path} is no operation of ${model.entry.id}`,
    404,
  );
}
