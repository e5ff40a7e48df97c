import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { AwsError } from '../kernel/errors.ts';
import { answerFault } from '../kernel/faults.ts';
import type { World } from '../kernel/world.ts';

/**
 * Harms this call where a fault asks for it: waits, throws the error that is to be answered, cuts the connection
 * (`'gone'`: there is nobody left to answer) or kills the process.
 */
export async function strike(
  world: World,
  service: string,
  operation: string,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<'gone' | undefined> {
  const fault = answerFault(world, service, operation);
  switch (fault?.effect) {
    case 'throttle':
      throw new AwsError(
        service === 's3' ? 'SlowDown' : 'ThrottlingException',
        fault.message ?? 'Rate exceeded',
        service === 's3' ? 503 : 400,
      );
    case 'error':
      throw new AwsError(
        fault.code ?? 'InternalFailure',
        fault.message ?? 'We encountered an internal error. Please try again.',
        fault.status ?? 500,
      );
    case 'slow':
      // Real time: it is the client's patience that is tried.
      await Promise.race([wait(fault.delayMs ?? 1000, undefined, { ref: false }), once(response, 'close')]);
      return response.destroyed ? 'gone' : undefined;
    case 'reset':
      message.socket.resetAndDestroy();
      return 'gone';
    case 'kill':
      process.kill(process.pid, 'SIGKILL');
      return 'gone';
    default:
      return undefined;
  }
}
