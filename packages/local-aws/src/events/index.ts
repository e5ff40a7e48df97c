import type { CreateService } from '../kernel/world.ts';
import { resumeDeliveries } from './api-delivery.ts';
import { connectionOperations } from './connection-operations.ts';
import { destinationOperations } from './destination-operations.ts';
import { eventOperations } from './put-events.ts';
import { rules } from './records.ts';
import { ruleOperations } from './rule-operations.ts';
import { reschedule } from './schedules.ts';
import { targetOperations } from './target-operations.ts';

const name = { min: 1, max: 64, pattern: '[\\.\\-_A-Za-z0-9]+' };

export const createEvents: CreateService = (world) => ({
  operations: {
    ...ruleOperations(world),
    ...targetOperations(world),
    ...eventOperations(world),
    ...connectionOperations(world),
    ...destinationOperations(world),
  },
  constraints: {
    'PutRuleRequest.Name': name,
    'PutRuleRequest.EventPattern': { max: 4096 },
    'PutRuleRequest.ScheduleExpression': { max: 256 },
    'PutRuleRequest.State': {
      enum: ['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'],
    },
    'PutTargetsRequest.Rule': name,
    'PutTargetsRequest.Targets': { min: 1, max: 100 },
    'Target.Id': name,
    'Target.Arn': { min: 1, max: 1600 },
    'RetryPolicy.MaximumRetryAttempts': { min: 0, max: 185 },
    'RetryPolicy.MaximumEventAgeInSeconds': { min: 60, max: 86_400 },
    'InputTransformer.InputTemplate': { min: 1, max: 8192 },
    'PutEventsRequest.Entries': { min: 1, max: 10 },
    'CreateConnectionRequest.Name': name,
    'CreateConnectionRequest.AuthorizationType': { enum: ['BASIC', 'OAUTH_CLIENT_CREDENTIALS', 'API_KEY'] },
    'CreateApiDestinationRequest.Name': name,
    'CreateApiDestinationRequest.HttpMethod': {
      enum: ['POST', 'GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'],
    },
    'CreateApiDestinationRequest.InvocationEndpoint': { min: 1, max: 2048 },
    'CreateApiDestinationRequest.InvocationRateLimitPerSecond': { min: 1 },
  },
  resume() {
    for (const rule of rules(world).values()) reschedule(world, rule.name);
    resumeDeliveries(world);
  },
});
