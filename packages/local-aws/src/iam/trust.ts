import { appliesToAction } from './evaluate.ts';
import { conditionsHold, type Context } from './conditions.ts';
import { parsePolicy, type Statement } from './policy-document.ts';
import type { RoleRecord } from './records.ts';

/** Who asks to assume a role: `Federated` with the provider's ARN, `AWS` with the caller's, `Service` with its name. */
export type Principal = { type: 'Federated' | 'AWS' | 'Service'; id: string; account: string };

/** Whether the role's trust policy lets the principal in with this action. */
export function trusts(role: RoleRecord, principal: Principal, action: string, context: Context): boolean {
  const statements = parsePolicy(role.trustPolicy, 'trust').filter(
    (statement) =>
      names(statement, principal) &&
      appliesToAction(statement, action) &&
      conditionsHold(statement.conditions, context),
  );
  return statements.length > 0 && statements.every(({ effect }) => effect === 'Allow');
}

function names(statement: Statement, { type, id, account }: Principal): boolean {
  return (statement.principals?.[type] ?? []).some((value) => {
    if (value === '*' || value === id) return true;
    // The account stands for everyone in it.
    return type === 'AWS' && (value === account || value === `arn:aws:iam::${account}:root`);
  });
}
