import { randomUUID } from 'node:crypto';
import type {
  CreateConnectionAuthRequestParameters,
  CreateConnectionCommandInput,
  DescribeConnectionCommandInput,
  ListConnectionsCommandInput,
  UpdateConnectionCommandInput,
} from '@aws-sdk/client-eventbridge';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { listPage } from './list-page.ts';
import { connections, notFound, type ConnectionRecord } from './records.ts';

/** How API destinations show who they are. The secret is kept and never told. */
export function connectionOperations(world: World): Record<string, Operation> {
  const require = (name: string | undefined) => {
    const connection = connections(world).get(name ?? '');
    if (connection) return connection;
    throw notFound(`Failed to describe the connection(s). Connection '${name}' does not exist.`);
  };
  return {
    CreateConnection(input: CreateConnectionCommandInput) {
      const name = input.Name ?? '';
      if (connections(world).get(name))
        throw new AwsError('ResourceAlreadyExistsException', `Connection ${name} already exists.`);
      const now = world.clock.now();
      const connection: ConnectionRecord = {
        name,
        arn: `arn:aws:events:${world.region}:${world.account}:connection/${name}/${randomUUID()}`,
        ...(input.Description !== undefined && { description: input.Description }),
        created: now,
        modified: now,
        ...authorization(input.AuthorizationType, input.AuthParameters),
      };
      connections(world).put(name, connection);
      return summary(connection);
    },

    UpdateConnection(input: UpdateConnectionCommandInput) {
      const previous = require(input.Name);
      const connection: ConnectionRecord = {
        ...previous,
        ...(input.Description !== undefined && { description: input.Description }),
        ...(input.AuthParameters &&
          authorization(
            input.AuthorizationType ?? previous.type,
            input.AuthParameters as CreateConnectionAuthRequestParameters,
          )),
        modified: world.clock.now(),
      };
      connections(world).put(connection.name, connection);
      return summary(connection);
    },

    DescribeConnection({ Name }: DescribeConnectionCommandInput) {
      const connection = require(Name);
      const auth =
        connection.type === 'API_KEY'
          ? { ApiKeyAuthParameters: { ApiKeyName: connection.user } }
          : { BasicAuthParameters: { Username: connection.user } };
      return {
        ...summary(connection),
        Name: connection.name,
        Description: connection.description,
        AuthorizationType: connection.type,
        AuthParameters: { ...auth, ...(connection.http && { InvocationHttpParameters: connection.http }) },
        LastAuthorizedTime: new Date(connection.modified),
      };
    },

    DeleteConnection({ Name }: DescribeConnectionCommandInput) {
      const connection = require(Name);
      connections(world).delete(connection.name);
      return { ...summary(connection), ConnectionState: 'DELETING' as const };
    },

    ListConnections(input: ListConnectionsCommandInput) {
      const found = connections(world)
        .values()
        .filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
      const { items, NextToken } = listPage(found, ({ name }) => name, input);
      return {
        Connections: items.map((connection) => ({
          ...summary(connection),
          Name: connection.name,
          AuthorizationType: connection.type,
        })),
        NextToken,
      };
    },
  };
}

const summary = (connection: ConnectionRecord) => ({
  ConnectionArn: connection.arn,
  ConnectionState: 'AUTHORIZED' as const,
  CreationTime: new Date(connection.created),
  LastModifiedTime: new Date(connection.modified),
});

function authorization(
  type: string | undefined,
  parameters: CreateConnectionAuthRequestParameters | undefined,
): Pick<ConnectionRecord, 'type' | 'user' | 'header' | 'http'> {
  const http = parameters?.InvocationHttpParameters;
  const further = http ? { http } : {};
  if (type === 'API_KEY' && parameters?.ApiKeyAuthParameters) {
    const { ApiKeyName = '', ApiKeyValue = '' } = parameters.ApiKeyAuthParameters;
    return { type, user: ApiKeyName, header: { name: ApiKeyName, value: ApiKeyValue }, ...further };
  }
  if (type === 'BASIC' && parameters?.BasicAuthParameters) {
    const { Username = '', Password = '' } = parameters.BasicAuthParameters;
    const value = `Basic ${Buffer.from(`${Username}:${Password}`).toString('base64')}`;
    return { type, user: Username, header: { name: 'Authorization', value }, ...further };
  }
  if (type === 'OAUTH_CLIENT_CREDENTIALS')
    throw notBuilt('events:CreateConnection with OAUTH_CLIENT_CREDENTIALS');
  throw new AwsError(
    'ValidationException',
    `AuthParameters must be those of the authorization type ${type}.`,
  );
}
