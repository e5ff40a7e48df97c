import {
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  UpdateApiDestinationCommand,
  UpdateConnectionCommand,
} from '@aws-sdk/client-eventbridge';
import { given } from './answers.ts';
import type { Aws } from './connect.ts';
import { isAlreadyThere } from './errors.ts';
import { UserError } from './user-error.ts';

export type ApiDestinationRule = {
  /** Of the rule, the connection and the destination; at most 64 characters. */
  name: string;
  description: string;
  pattern: Record<string, unknown>;
  destination: {
    /** `https` only: EventBridge takes no other. */
    url: string;
    headers: Record<string, string>;
    /** The Authorization header; EventBridge keeps it as a secret. */
    authorization: string;
  };
  /** JSON paths by name, and the text that they are put into. */
  input: { paths: Record<string, string>; template: string };
  roleArn: string;
};

/** Far below GitHub's limits, and more than an alarm ever needs. */
const callsPerSecond = 1;

export function eventRules(aws: Aws) {
  const client = () => aws.client(EventBridgeClient);

  async function connection({ name, destination }: ApiDestinationRule): Promise<string> {
    const headers = Object.entries(destination.headers).map(([Key, Value]) => ({
      Key,
      Value,
      IsValueSecret: false,
    }));
    const settings = {
      Name: name,
      AuthorizationType: 'API_KEY' as const,
      AuthParameters: {
        ApiKeyAuthParameters: { ApiKeyName: 'Authorization', ApiKeyValue: destination.authorization },
        InvocationHttpParameters: { HeaderParameters: headers },
      },
    };
    const answer = await createdOrUpdated(
      () => client().send(new CreateConnectionCommand(settings)),
      () => client().send(new UpdateConnectionCommand(settings)),
    );
    return given(answer.ConnectionArn, 'ConnectionArn');
  }

  async function apiDestination({ name, destination }: ApiDestinationRule, connectionArn: string) {
    const settings = {
      Name: name,
      ConnectionArn: connectionArn,
      InvocationEndpoint: destination.url,
      HttpMethod: 'POST' as const,
      InvocationRateLimitPerSecond: callsPerSecond,
    };
    const answer = await createdOrUpdated(
      () => client().send(new CreateApiDestinationCommand(settings)),
      () => client().send(new UpdateApiDestinationCommand(settings)),
    );
    return given(answer.ApiDestinationArn, 'ApiDestinationArn');
  }

  return {
    /** A rule whose events are posted to an address. Replaces what has the same name. */
    async toApiDestination(rule: ApiDestinationRule): Promise<void> {
      const destinationArn = await apiDestination(rule, await connection(rule));
      const { name, description, pattern, input, roleArn } = rule;
      await client().send(
        new PutRuleCommand({ Name: name, Description: description, EventPattern: JSON.stringify(pattern) }),
      );
      const { FailedEntries = [] } = await client().send(
        new PutTargetsCommand({
          Rule: name,
          Targets: [
            {
              Id: 'destination',
              Arn: destinationArn,
              RoleArn: roleArn,
              InputTransformer: { InputPathsMap: input.paths, InputTemplate: input.template },
            },
          ],
        }),
      );
      // The call succeeds although its entries do not.
      const [failed] = FailedEntries;
      if (failed !== undefined)
        throw new UserError(
          `EventBridge refused the target of rule ${name}: ${failed.ErrorCode} ${failed.ErrorMessage}`,
        );
    },
  };
}

async function createdOrUpdated<T>(create: () => Promise<T>, update: () => Promise<T>): Promise<T> {
  try {
    return await create();
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
    return await update();
  }
}
