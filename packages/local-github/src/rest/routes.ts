import { ARTIFACTS } from './artifacts.ts';
import { CHECKS } from './checks.ts';
import { COMMENTS } from './comments.ts';
import { CONTENTS } from './contents.ts';
import { DEPLOYMENTS } from './deployments.ts';
import { DISPATCHES } from './dispatches.ts';
import { GIT_DATA } from './git-data.ts';
import { ISSUES } from './issues.ts';
import { PULLS } from './pulls.ts';
import { RELEASES } from './releases.ts';
import { REPOSITORY } from './repository.ts';
import type { Route } from './router.ts';
import { RUNS } from './runs.ts';
import { STATUSES } from './statuses.ts';

/** Everything that the REST API answers; the first that fits a path is taken, so longer ones stand before shorter. */
export const ROUTES: Route[] = [
  ...ARTIFACTS,
  ...CHECKS,
  ...STATUSES,
  ...COMMENTS,
  ...PULLS,
  ...ISSUES,
  ...DEPLOYMENTS,
  ...DISPATCHES,
  ...RUNS,
  ...CONTENTS,
  ...RELEASES,
  ...GIT_DATA,
  ...REPOSITORY,
];
