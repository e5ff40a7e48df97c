import type { ServerResponse } from 'node:http';
import type { AwsError } from '../kernel/errors.ts';
import type { ServiceEntry } from '../kernel/service-entry.ts';
import { jsonRpc } from './json-rpc.ts';
import { loadModel } from './model.ts';
import { query } from './query.ts';
import { restJson, restXml } from './rest.ts';

const protocols = { awsJson: jsonRpc, restJson, restXml, query } as const;

/** Answers an `AwsError` that a raw handler threw, in its service's protocol. */
export async function answerRawError(
  entry: ServiceEntry,
  error: AwsError,
  response: ServerResponse,
): Promise<void> {
  const requestId = String(response.getHeader('x-amzn-requestid'));
  const { status, headers, body } = protocols[entry.protocol].encodeError(
    await loadModel(entry),
    error,
    requestId,
  );
  response.writeHead(status, { ...headers, connection: 'close' }).end(body);
}
