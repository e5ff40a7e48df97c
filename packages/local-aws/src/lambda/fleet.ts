import { AwsError } from '../kernel/errors.ts';
import { perWorld } from '../kernel/per-world.ts';
import type { World } from '../kernel/world.ts';
import { ContainerError } from '../runtime/container-error.ts';
import type { FunctionRecord, VersionRecord } from './records.ts';
import type { Invocation } from './runtime-api.ts';
import { startSandbox, type Outcome, type Sandbox } from './sandbox.ts';

/** Each is a process of this machine. */
const mostAtOnce = Number(process.env['TIDEGATE_LAMBDA_INSTANCES'] ?? 16);
/** An environment that has nothing to do is kept for so long on the server's clock. */
const keptIdleMs = 300_000;

/** An environment of one function, in one state of its code and settings. */
type Member = {
  name: string;
  version: string;
  revisionId: string;
  isBusy: boolean;
  sandbox: Promise<Sandbox>;
  callOff: () => void;
};

const fleetOf = (world: World) => perWorld(world, 'lambda.fleet', () => new Set<Member>());

/** Runs an event in an environment that is idle, or in a new one. @throws AwsError TooManyRequestsException */
export async function runInvocation(
  world: World,
  record: FunctionRecord,
  version: VersionRecord,
  invocation: Invocation,
): Promise<Outcome> {
  const fleet = fleetOf(world);
  const isFree = (member: Member) => !member.isBusy && isOf(member, record.name, version);
  const member = [...fleet].find(isFree) ?? added(world, record, version);
  member.isBusy = true;
  member.callOff();
  try {
    const sandbox = await member.sandbox;
    const outcome = await sandbox.invoke(invocation);
    if (sandbox.isOver || !fleet.has(member)) await remove(fleet, member);
    else member.callOff = world.clock.at(world.clock.now() + keptIdleMs, () => void remove(fleet, member));
    return outcome;
  } catch (error) {
    await remove(fleet, member);
    if (!(error instanceof ContainerError)) throw error;
    throw new AwsError('InvalidRuntimeException', error.message, 502, { Type: 'User' });
  } finally {
    member.isBusy = false;
  }
}

/** Ends the environments of a function, or of one of its versions: those at work when they are done. */
export async function endSandboxes(world: World, name: string, version?: string): Promise<void> {
  const fleet = fleetOf(world);
  const idle: Member[] = [];
  for (const member of fleet) {
    if (member.name !== name || (version !== undefined && member.version !== version)) continue;
    if (member.isBusy) fleet.delete(member);
    else idle.push(member);
  }
  await Promise.all(idle.map((member) => remove(fleet, member)));
}

const isOf = (member: Member, name: string, { version, revisionId }: VersionRecord) =>
  member.name === name && member.version === version && member.revisionId === revisionId;

function added(world: World, record: FunctionRecord, version: VersionRecord): Member {
  const fleet = fleetOf(world);
  if (fleet.size >= mostAtOnce) {
    // One that is idle makes room.
    const idle = [...fleet].find(({ isBusy }) => !isBusy);
    if (idle === undefined)
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429, {
        Reason: 'ConcurrentInvocationLimitExceeded',
        Type: 'User',
      });
    void remove(fleet, idle);
  }
  const sandbox = startSandbox(world, record, version);
  sandbox.catch(() => {});
  const { name } = record;
  const { revisionId } = version;
  const member: Member = {
    name,
    version: version.version,
    revisionId,
    isBusy: true,
    sandbox,
    callOff: () => {},
  };
  fleet.add(member);
  return member;
}

async function remove(fleet: Set<Member>, member: Member): Promise<void> {
  fleet.delete(member);
  member.callOff();
  await member.sandbox.then((sandbox) => sandbox.end()).catch(() => {});
}
