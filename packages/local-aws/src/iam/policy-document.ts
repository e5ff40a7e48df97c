import { AwsError } from '../kernel/errors.ts';

/** A policy's statement with every "one or many" made many, as the evaluation reads it. */
export type Statement = {
  sid?: string;
  effect: 'Allow' | 'Deny';
  /** Type → values, e.g. `{ Federated: [arn] }`; undefined in identity policies. `*` stands as `{ AWS: ['*'] }`. */
  principals?: Record<string, string[]>;
  actions: string[];
  notActions: string[];
  resources: string[];
  notResources: string[];
  /** Operator → condition key → values. */
  conditions: Record<string, Record<string, string[]>>;
};

/** Reads a policy's JSON text. Throws IAM's `MalformedPolicyDocument`. */
export function parsePolicy(text: string, kind: 'trust' | 'identity'): Statement[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw malformed('This policy contains invalid Json');
  }
  if (!isObject(document)) throw malformed('Syntax errors in policy.');
  const statements = many<unknown>(document['Statement']);
  if (statements.length === 0) throw malformed('Syntax errors in policy.');
  return statements.map((statement) => parseStatement(statement, kind));
}

function parseStatement(statement: unknown, kind: 'trust' | 'identity'): Statement {
  if (!isObject(statement)) throw malformed('Syntax errors in policy.');
  const { Sid, Effect, Principal, Action, NotAction, Resource, NotResource, Condition } = statement;
  if (Effect !== 'Allow' && Effect !== 'Deny') throw malformed('Syntax errors in policy.');
  if (Action === undefined && NotAction === undefined)
    throw malformed('Policy statement must contain actions.');
  if (kind === 'trust') {
    if (Principal === undefined) throw malformed('Missing required field Principal');
    if (Resource !== undefined || NotResource !== undefined) throw malformed('Has prohibited field Resource');
  } else {
    if (Principal !== undefined) throw malformed('Policy document should not specify a principal.');
    if (Resource === undefined && NotResource === undefined)
      throw malformed('Policy statement must contain resources.');
  }
  return {
    ...(typeof Sid === 'string' && { sid: Sid }),
    effect: Effect,
    ...(Principal !== undefined && { principals: parsePrincipals(Principal) }),
    actions: texts(Action),
    notActions: texts(NotAction),
    resources: texts(Resource),
    notResources: texts(NotResource),
    conditions: parseConditions(Condition),
  };
}

function parsePrincipals(principal: unknown): Record<string, string[]> {
  if (principal === '*') return { AWS: ['*'] };
  if (!isObject(principal)) throw malformed('Invalid principal in policy');
  return Object.fromEntries(Object.entries(principal).map(([type, values]) => [type, texts(values)]));
}

function parseConditions(condition: unknown): Statement['conditions'] {
  if (condition === undefined) return {};
  if (!isObject(condition)) throw malformed('Syntax errors in policy.');
  const operators = Object.entries(condition).map(([operator, keys]) => {
    if (!isObject(keys)) throw malformed('Syntax errors in policy.');
    return [
      operator,
      Object.fromEntries(Object.entries(keys).map(([key, values]) => [key, texts(values)])),
    ] as const;
  });
  return Object.fromEntries(operators);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const many = <T>(value: unknown): T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as T[]) : [value as T];

function texts(value: unknown): string[] {
  return many<unknown>(value).map((item) => {
    if (typeof item === 'string') return item;
    if (typeof item === 'boolean' || typeof item === 'number') return String(item);
    throw malformed('Syntax errors in policy.');
  });
}

export const malformed = (text: string) => new AwsError('MalformedPolicyDocument', text);
