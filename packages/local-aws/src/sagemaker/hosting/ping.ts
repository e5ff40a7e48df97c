import { get } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** SageMaker gives `/ping` this long to answer. */
const pingTimeoutMs = 2000;

/** Whether `GET /ping` answers 200 on this machine's port. */
export function ping(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(
      { host: '127.0.0.1', port, path: '/ping', agent: false, timeout: pingTimeoutMs },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode === 200));
        response.on('error', () => resolve(false));
      },
    );
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

/** A port that nothing listens on just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
