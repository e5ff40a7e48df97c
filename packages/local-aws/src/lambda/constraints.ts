import { InvocationType, LogType, Runtime } from '@aws-sdk/client-lambda';
import type { Constraints } from '../kernel/constraints.ts';

const functionName = {
  min: 1,
  max: 140,
  pattern:
    '(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?',
};
const namespaced = {
  ...functionName,
  max: 170,
  pattern: functionName.pattern.replaceAll('[a-zA-Z0-9-_]', '[a-zA-Z0-9-_\\.]'),
};
const qualifier = { min: 1, max: 128, pattern: '(|[a-zA-Z0-9$_-]+)' };
const aliasName = { min: 1, max: 128, pattern: '(?!^[0-9]+$)([a-zA-Z0-9-_]+)' };
const version = { min: 1, max: 1024, pattern: '(\\$LATEST|[0-9]+)' };
const settings = (request: string): Constraints => ({
  [`${request}.FunctionName`]: functionName,
  [`${request}.Role`]: { pattern: 'arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+' },
  [`${request}.Handler`]: { max: 128, pattern: '[^\\s]+' },
  [`${request}.Description`]: { max: 256 },
  // The service model allows more: to managed instances, which are not built.
  [`${request}.Timeout`]: { min: 1, max: 900 },
  [`${request}.MemorySize`]: { min: 128, max: 10_240 },
  [`${request}.Runtime`]: { enum: Object.values(Runtime) },
});

/** Patterns, lengths and enums of Lambda's requests, from the service model. */
export const lambdaConstraints: Constraints = {
  ...settings('CreateFunctionRequest'),
  ...settings('UpdateFunctionConfigurationRequest'),
  'CreateFunctionRequest.PackageType': { enum: ['Zip', 'Image'] },
  'CreateFunctionRequest.Architectures': { min: 1, max: 1 },
  'EphemeralStorage.Size': { min: 512, max: 10_240 },
  'UpdateFunctionCodeRequest.FunctionName': functionName,
  'UpdateFunctionCodeRequest.Architectures': { min: 1, max: 1 },
  'GetFunctionRequest.FunctionName': namespaced,
  'GetFunctionRequest.Qualifier': qualifier,
  'GetFunctionConfigurationRequest.FunctionName': namespaced,
  'GetFunctionConfigurationRequest.Qualifier': qualifier,
  'DeleteFunctionRequest.FunctionName': functionName,
  'DeleteFunctionRequest.Qualifier': qualifier,
  'ListFunctionsRequest.MaxItems': { min: 1, max: 10_000 },
  'ListFunctionsRequest.FunctionVersion': { enum: ['ALL'] },
  'PublishVersionRequest.FunctionName': functionName,
  'ListVersionsByFunctionRequest.FunctionName': namespaced,
  'CreateAliasRequest.FunctionName': functionName,
  'CreateAliasRequest.Name': aliasName,
  'CreateAliasRequest.FunctionVersion': version,
  'UpdateAliasRequest.FunctionName': functionName,
  'UpdateAliasRequest.Name': aliasName,
  'UpdateAliasRequest.FunctionVersion': version,
  'GetAliasRequest.Name': aliasName,
  'DeleteAliasRequest.Name': aliasName,
  'InvocationRequest.FunctionName': namespaced,
  'InvocationRequest.Qualifier': qualifier,
  'InvocationRequest.InvocationType': { enum: Object.values(InvocationType) },
  'InvocationRequest.LogType': { enum: Object.values(LogType) },
  'LoggingConfig.LogGroup': { min: 1, max: 512, pattern: '[\\.\\-_/#A-Za-z0-9]+' },
};
