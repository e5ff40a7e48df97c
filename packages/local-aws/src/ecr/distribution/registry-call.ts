import type { IncomingMessage, ServerResponse } from 'node:http';
import type { World } from '../../kernel/world.ts';

/** One request to the registry, its path taken apart. */
export type RegistryCall = {
  world: World;
  method: string;
  repository: string;
  /** What follows the route's own word: a digest, a tag, an upload's id; '' for the collection. */
  name: string;
  query: URLSearchParams;
  request: IncomingMessage;
  response: ServerResponse;
};
