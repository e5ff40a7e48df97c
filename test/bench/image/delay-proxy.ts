import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/* A TCP proxy that adds a round trip: node delay-proxy.ts <port of the registry> <round trip in ms>. Prints its own port. */

const [port = '0', roundTrip = '0'] = process.argv.slice(2);
const oneWayMs = Number(roundTrip) / 2;

const server = createServer((client) => {
  // A connection costs a round trip before its first byte: SYN and SYN-ACK, which loopback gave for nothing.
  const upstream = connect(Number(port), '127.0.0.1');
  later(client, upstream, oneWayMs * 2);
  later(upstream, client, 0);
}).listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));

/** Hands on what arrives, `oneWayMs` after it arrived, in order; the line's width is not limited. */
function later(from: Socket, to: Socket, handshakeMs: number): void {
  const opened = performance.now() + handshakeMs;
  const queue: { due: number; bytes: number; action: () => void }[] = [];
  let waiting = 0;
  const pump = () => {
    for (let next = queue[0]; next && next.due <= performance.now(); next = queue[0]) {
      queue.shift();
      waiting -= next.bytes;
      next.action();
    }
    // As a window of 64 MB would: memory stays bounded, and a line of a gigabit is kept full.
    if (waiting < 32 * 1024 * 1024) from.resume();
    if (queue[0]) setTimeout(pump, Math.max(queue[0].due - performance.now(), 0));
  };
  const add = (bytes: number, action: () => void) => {
    queue.push({ due: Math.max(performance.now(), opened) + oneWayMs, bytes, action });
    waiting += bytes;
    if (waiting > 64 * 1024 * 1024) from.pause();
    if (queue.length === 1) pump();
  };
  from.on('data', (chunk: Buffer) => add(chunk.length, () => void (to.destroyed || to.write(chunk))));
  from.on('end', () => add(0, () => to.end()));
  from.on('error', () => to.destroy());
  from.on('close', () => add(0, () => to.destroy()));
}
