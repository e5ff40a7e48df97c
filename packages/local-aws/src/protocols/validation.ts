import type { NormalizedSchema } from '@smithy/core/schema';
import type { Constraint, Constraints } from '../kernel/constraints.ts';
import { AwsError } from '../kernel/errors.ts';
import { requiredMembers, type ModelOperation } from './model.ts';

type Complaint = { path: string; value: unknown; must: string };

/**
 * Throws what AWS answers for an input that breaks its model: all complaints in one message, as in
 * `2 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null; …`
 */
export function validate(
  operation: ModelOperation,
  input: unknown,
  constraints: Constraints = {},
  code = 'ValidationException',
): void {
  const complaints: Complaint[] = [];
  inspect(operation.input, input, '', constraints, complaints);
  if (complaints.length === 0) return;
  const texts = complaints.map(
    ({ path, value, must }) =>
      `Value ${shown(value)}at '${path}' failed to satisfy constraint: Member must ${must}`,
  );
  throw new AwsError(
    code,
    `${texts.length} validation error${texts.length > 1 ? 's' : ''} detected: ${texts.join('; ')}`,
  );
}

function shown(value: unknown): string {
  // AWS shows no bytes.
  if (value instanceof Uint8Array) return '';
  if (value === null) return 'null ';
  return `'${typeof value === 'string' ? value : JSON.stringify(value)}' `;
}

function inspect(
  schema: NormalizedSchema,
  value: unknown,
  path: string,
  constraints: Constraints,
  complaints: Complaint[],
): void {
  if (value === undefined || value === null) return;
  if (schema.isListSchema() && Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      inspect(schema.getValueSchema(), item, `${path}.${index + 1}.member`, constraints, complaints);
    }
  } else if (schema.isMapSchema()) {
    for (const [key, item] of Object.entries(value))
      inspect(schema.getValueSchema(), item, `${path}.${key}.member`, constraints, complaints);
  } else if (schema.isStructSchema()) {
    const members = value as Record<string, unknown>;
    for (const name of requiredMembers(schema)) {
      if (members[name] === undefined || members[name] === null)
        complaints.push({ path: inner(path, name), value: null, must: 'not be null' });
    }
    for (const [name, member] of schema.structIterator()) {
      if (members[name] === undefined || members[name] === null) continue;
      const constraint = constraints[`${schema.getName()}.${name}`];
      if (constraint) check(constraint, members[name], inner(path, name), complaints);
      inspect(member, members[name], inner(path, name), constraints, complaints);
    }
  }
}

/** AWS spells members in lower camel case here, whatever their case on the wire. */
const inner = (path: string, name: string) =>
  `${path === '' ? '' : `${path}.`}${name.charAt(0).toLowerCase()}${name.slice(1)}`;

function check(constraint: Constraint, value: unknown, path: string, complaints: Complaint[]) {
  const complain = (must: string) => complaints.push({ path, value, must });
  const isNumber = typeof value === 'number';
  const size = isNumber
    ? value
    : typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array
      ? value.length
      : undefined;
  const what = isNumber ? 'have value' : 'have length';
  if (size !== undefined && constraint.max !== undefined && size > constraint.max)
    complain(`${what} less than or equal to ${constraint.max}`);
  if (size !== undefined && constraint.min !== undefined && size < constraint.min)
    complain(`${what} greater than or equal to ${constraint.min}`);
  if (typeof value !== 'string') return;
  if (constraint.enum && !constraint.enum.includes(value))
    complain(`satisfy enum value set: [${constraint.enum.join(', ')}]`);
  if (constraint.pattern !== undefined && !compiled(constraint.pattern).test(value)) {
    complain(`satisfy regular expression pattern: ${constraint.pattern}`);
  }
}

const patterns = new Map<string, RegExp>();

/** AWS's patterns are Java's. Those with `\p{…}` need the `u` flag here, which forbids some escapes that others use. */
function compiled(pattern: string): RegExp {
  let regex = patterns.get(pattern);
  if (regex === undefined) {
    regex = new RegExp(`^(?:${pattern})$`, pattern.includes('\\p{') ? 'u' : '');
    patterns.set(pattern, regex);
  }
  return regex;
}
