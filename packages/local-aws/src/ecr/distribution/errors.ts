import type { IncomingMessage, ServerResponse } from 'node:http';
import type { World } from '../../kernel/world.ts';

/** An error as registries spell it: `{"errors":[{"code","message"}]}`. */
export class RegistryError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function answerError(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  // The client left in the middle: what it sent so far is kept, and there is nobody to answer.
  if (request.destroyed && !request.complete) return;
  if (!(error instanceof RegistryError))
    world.log.write(`registry: ${String((error as Error)?.stack ?? error)}\n`);
  const { status, code, message } =
    error instanceof RegistryError ? error : { status: 500, code: 'UNKNOWN', message: 'internal error' };
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = Buffer.from(JSON.stringify({ errors: [{ code, message }] }));
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
    ...(status === 401 && {
      'www-authenticate': `Basic realm="${world.endpoint}/",service="ecr.amazonaws.com"`,
    }),
    // A refused upload is not read to its end, so the connection cannot be used again.
    ...(!request.complete && { connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
