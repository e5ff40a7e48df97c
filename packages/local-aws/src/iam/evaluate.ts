import { conditionsHold, type Context } from './conditions.ts';
import type { Statement } from './policy-document.ts';
import { matchesWildcard } from './wildcard.ts';

export type Decision = 'allowed' | 'explicitDeny' | 'implicitDeny';

/** A statement and where it stands, so that a decision can name what decided it. */
export type Sourced = { statement: Statement; policy: string };

/** IAM's logic for one identity: an explicit deny wins, then an allow, and without either it is denied. */
export function evaluate(
  statements: readonly Sourced[],
  action: string,
  resource: string,
  context: Context,
): { decision: Decision; decidedBy: Sourced[] } {
  const applicable = statements.filter(({ statement }) => applies(statement, action, resource, context));
  const denies = applicable.filter(({ statement }) => statement.effect === 'Deny');
  if (denies.length > 0) return { decision: 'explicitDeny', decidedBy: denies };
  return applicable.length > 0
    ? { decision: 'allowed', decidedBy: applicable }
    : { decision: 'implicitDeny', decidedBy: [] };
}

export function appliesToAction(statement: Statement, action: string): boolean {
  // Actions are compared without regard to case, resources with.
  const matches = (pattern: string) => matchesWildcard(action.toLowerCase(), pattern.toLowerCase());
  return statement.notActions.length > 0
    ? !statement.notActions.some(matches)
    : statement.actions.some(matches);
}

function applies(statement: Statement, action: string, resource: string, context: Context): boolean {
  const matches = (pattern: string) => matchesWildcard(resource, pattern);
  const rightResource =
    statement.notResources.length > 0
      ? !statement.notResources.some(matches)
      : statement.resources.some(matches);
  return appliesToAction(statement, action) && rightResource && conditionsHold(statement.conditions, context);
}
