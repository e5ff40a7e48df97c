import { connectAs, type Aws } from '@tidegate/aws';
import type { Run } from '@tidegate/github';

/* How an action reaches AWS, and how its post step does once more. */

type AwsInputs = { awsRegion: string | undefined; roleToAssume: string | undefined };
type Asker = Pick<Run, 'context' | 'idToken'>;

/** AWS as the inputs say. CloudTrail shows the `purpose` in the session's name. */
export function connectFor(purpose: string, { awsRegion, roleToAssume }: AwsInputs, run: Asker): Aws {
  return connectAs({
    region: awsRegion,
    roleToAssume,
    sessionName: `tidegate-${purpose}-${run.context.runId}`,
    idToken: (audience) => run.idToken(audience),
  });
}

/** For the post step, which knows nothing else. */
export function saveConnection({ region }: Aws, { roleToAssume = '' }: AwsInputs, run: Run): void {
  run.saveState('region', region);
  run.saveState('role', roleToAssume);
}

/** The connection that the action's main step saved. */
export function savedConnection(purpose: string, state: (name: string) => string, run: Asker): Aws {
  const saved = { awsRegion: state('region'), roleToAssume: state('role') || undefined };
  return connectFor(purpose, saved, run);
}
