import type { Agent } from 'node:http';
import type { Socket } from 'node:net';

// Importing node:http makes Node load undici for the sake of three of its names, which takes longer than a whole push
// of nothing new; this gives the same modules without, and the secure one only to whom needs it.
export function moduleFor({ protocol }: URL): Pick<typeof import('node:http'), 'request' | 'Agent'> {
  if (protocol === 'http:') return process.getBuiltinModule('node:http');
  return process.getBuiltinModule('node:https');
}

/** The connections that a registry client keeps open. */
export type Wire = {
  agentFor(url: URL): Agent;
  /** Opens so many connections ahead of the requests that will need them: a round trip or three less, later. */
  warm(url: URL, connections: number): void;
  close(): void;
};

export function openWire(): Wire {
  const agents = new Map<string, Agent>();
  const warmed = new Map<string, Socket[]>();
  const takeWarm = (place: string): Socket | undefined => {
    const open = warmed.get(place)?.filter(({ destroyed }) => !destroyed) ?? [];
    const taken = open.pop();
    warmed.set(place, open);
    return taken;
  };
  const makeAgent = (url: URL): Agent => {
    const agent = new (moduleFor(url).Agent)({ keepAlive: true, maxSockets: 16 });
    const open = agent.createConnection.bind(agent);
    agent.createConnection = (options, opened) =>
      takeWarm(`${options.host}:${options.port}`) ?? open(options, opened);
    return agent;
  };
  return {
    agentFor(url) {
      const agent = agents.get(url.protocol) ?? makeAgent(url);
      agents.set(url.protocol, agent);
      return agent;
    },
    warm(url, connections) {
      const { hostname: host, protocol } = url;
      const isSecure = protocol === 'https:';
      const port = Number(url.port || (isSecure ? 443 : 80));
      const ready = warmed.get(`${host}:${port}`) ?? [];
      while (ready.length < connections) {
        const socket = isSecure
          ? process
              .getBuiltinModule('node:tls')
              .connect({ host, port, servername: host, ALPNProtocols: ['http/1.1'] })
          : process.getBuiltinModule('node:net').connect({ host, port, noDelay: true });
        // One that fails is not offered; the request that needs one opens it, and tells.
        socket.on('error', () => socket.destroy());
        ready.push(socket);
      }
      warmed.set(`${host}:${port}`, ready);
    },
    close() {
      for (const agent of agents.values()) agent.destroy();
      for (const socket of [...warmed.values()].flat()) socket.destroy();
    },
  };
}
