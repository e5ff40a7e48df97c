import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { readCall, type WireCall } from './wire-call.ts';

/** A call and the role that made it; '' for calls with no assumed role, which the test's own are. */
export type RecordedCall = WireCall & { roleArn: string };

export type Recorder = { url: string; calls: RecordedCall[]; close(): Promise<void> };

/** Stands between the actions and AWS, and writes down who calls what. Sessions are told apart by their access keys. */
export async function startRecorder(upstream: string): Promise<Recorder> {
  const calls: RecordedCall[] = [];
  const roleByKey = new Map<string, string>();
  const roleByRegistryLogin = new Map<string, string>();
  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const sent = await buffer(incoming);
    const call = readCall(incoming, sent);
    const { authorization = '' } = incoming.headers;
    const key = /Credential=([^/]+)/.exec(authorization)?.[1] ?? '';
    const roleArn = roleByRegistryLogin.get(authorization) ?? roleByKey.get(key) ?? '';
    calls.push({ ...call, roleArn });
    const answer = await forward(incoming, sent);
    let body = await buffer(answer);
    if (call.operation === 'AssumeRoleWithWebIdentity') {
      const issued = /<AccessKeyId>(.+?)</.exec(body.toString())?.[1];
      if (issued !== undefined) roleByKey.set(issued, call.input['RoleArn'] as string);
    }
    if (call.operation === 'GetAuthorizationToken') {
      // The registry names itself in its answers, and the rest of the conversation is ours to hear too.
      body = Buffer.from(body.toString().replaceAll(upstream, url));
      const token = /"authorizationToken":"([^"]+)"/.exec(body.toString())?.[1] ?? '';
      roleByRegistryLogin.set(`Basic ${token}`, roleArn);
    }
    const { location } = answer.headers;
    outgoing.writeHead(answer.statusCode ?? 502, {
      ...answer.headers,
      ...(location === undefined ? {} : { location: location.replace(upstream, url) }),
      ...(incoming.method === 'HEAD' ? {} : { 'content-length': body.length }),
    });
    outgoing.end(body);
  }

  function forward({ method, url: path, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const { hostname, port, host } = new URL(upstream);
    return new Promise((resolve, reject) => {
      request({ hostname, port, method, path, headers: { ...headers, host } }, resolve)
        .on('error', reject)
        .end(body);
    });
  }

  return {
    url,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
