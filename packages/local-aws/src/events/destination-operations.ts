import { randomUUID } from 'node:crypto';
import type {
  CreateApiDestinationCommandInput,
  DescribeApiDestinationCommandInput,
  ListApiDestinationsCommandInput,
  UpdateApiDestinationCommandInput,
} from '@aws-sdk/client-eventbridge';
import { AwsError } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { isLoopback } from './api-request.ts';
import { listPage } from './list-page.ts';
import { apiDestinations, connections, notFound, type ApiDestinationRecord } from './records.ts';

export function destinationOperations(world: World): Record<string, Operation> {
  const require = (name: string | undefined) => {
    const destination = apiDestinations(world).get(name ?? '');
    if (destination) return destination;
    throw notFound(`Failed to describe the api-destination(s). An api-destination '${name}' does not exist.`);
  };
  const requireConnection = (arn: string | undefined) => {
    const connection = connections(world)
      .values()
      .find((known) => known.arn === arn);
    if (connection === undefined) throw notFound(`Connection '${arn}' does not exist.`);
    return connection.arn;
  };
  return {
    CreateApiDestination(input: CreateApiDestinationCommandInput) {
      const name = input.Name ?? '';
      if (apiDestinations(world).get(name)) {
        throw new AwsError('ResourceAlreadyExistsException', `An api-destination '${name}' already exists.`);
      }
      const now = world.clock.now();
      const destination: ApiDestinationRecord = {
        name,
        arn: `arn:aws:events:${world.region}:${world.account}:api-destination/${name}/${randomUUID()}`,
        ...(input.Description !== undefined && { description: input.Description }),
        connectionArn: requireConnection(input.ConnectionArn),
        endpoint: checkedEndpoint(input.InvocationEndpoint ?? ''),
        method: input.HttpMethod ?? '',
        ratePerSecond: input.InvocationRateLimitPerSecond ?? 300,
        created: now,
        modified: now,
      };
      apiDestinations(world).put(name, destination);
      return summary(destination);
    },

    UpdateApiDestination(input: UpdateApiDestinationCommandInput) {
      const destination: ApiDestinationRecord = {
        ...require(input.Name),
        ...(input.Description !== undefined && { description: input.Description }),
        ...(input.ConnectionArn !== undefined && { connectionArn: requireConnection(input.ConnectionArn) }),
        ...(input.InvocationEndpoint !== undefined && {
          endpoint: checkedEndpoint(input.InvocationEndpoint),
        }),
        ...(input.HttpMethod !== undefined && { method: input.HttpMethod }),
        ...(input.InvocationRateLimitPerSecond !== undefined && {
          ratePerSecond: input.InvocationRateLimitPerSecond,
        }),
        modified: world.clock.now(),
      };
      apiDestinations(world).put(destination.name, destination);
      return summary(destination);
    },

    DescribeApiDestination: ({ Name }: DescribeApiDestinationCommandInput) => describe(require(Name)),

    DeleteApiDestination: ({ Name }: DescribeApiDestinationCommandInput) =>
      void apiDestinations(world).delete(require(Name).name),

    ListApiDestinations(input: ListApiDestinationsCommandInput) {
      const found = apiDestinations(world)
        .values()
        .filter(
          ({ name, connectionArn }) =>
            name.startsWith(input.NamePrefix ?? '') &&
            (input.ConnectionArn ?? connectionArn) === connectionArn,
        );
      const { items, NextToken } = listPage(found, ({ name }) => name, input);
      return { ApiDestinations: items.map(describe), NextToken };
    },
  };
}

/** EventBridge wants https; plain http is let through to this machine, and nowhere else. */
function checkedEndpoint(endpoint: string): string {
  const url = URL.parse(endpoint);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url))) return endpoint;
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${endpoint}' at 'invocationEndpoint' failed to satisfy constraint: Member must satisfy regular expression pattern: ^((%[0-9A-Fa-f]{2}|[-()_.!~*';/?:@\\x26=+$,A-Za-z0-9])+)([).!';/?:,])?$`,
  );
}

const summary = (destination: ApiDestinationRecord) => ({
  ApiDestinationArn: destination.arn,
  ApiDestinationState: 'ACTIVE' as const,
  CreationTime: new Date(destination.created),
  LastModifiedTime: new Date(destination.modified),
});

const describe = (destination: ApiDestinationRecord) => ({
  ...summary(destination),
  Name: destination.name,
  Description: destination.description,
  ConnectionArn: destination.connectionArn,
  InvocationEndpoint: destination.endpoint,
  HttpMethod: destination.method,
  InvocationRateLimitPerSecond: destination.ratePerSecond,
});
