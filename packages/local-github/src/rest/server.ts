import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Host } from '../host.ts';

export type Listening = { url: string; close: () => Promise<void> };

/** Answers on 127.0.0.1 only. */
export async function listen(_host: Host, port: number): Promise<Listening> {
  const server = createServer((_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(501, { 'content-type': 'application/json' });
    response.end('{}');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
