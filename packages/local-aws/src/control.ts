import type { IncomingMessage, ServerResponse } from 'node:http';
import { faults, type Fault } from './kernel/faults.ts';
import { timeline } from './kernel/timeline.ts';
import type { World } from './kernel/world.ts';
import type { AdjustableClock } from './kernel/clock.ts';

/** Routes for tests and the demo, below `/_tidegate/`; no AWS client asks for them. */
export async function control(
  world: World,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const route = `${message.method} ${message.url?.slice('/_tidegate'.length)}`;
  const answer = (status: number, body: unknown) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
  try {
    switch (route) {
      case 'GET /health':
        return answer(200, {
          account: world.account,
          region: world.region,
          endpoint: world.endpoint,
          ...clockState(world),
        });
      case 'POST /clock':
        await moveClock(world.clock as AdjustableClock, await json(message));
        return answer(200, clockState(world));
      case 'POST /faults':
        faults(world).add((await json(message)) as Fault);
        return answer(200, {});
      case 'DELETE /faults':
        faults(world).clear();
        return answer(200, {});
      case 'POST /python':
        return answer(200, { executable: await prepareEnvironment(world, await json(message)) });
      case 'GET /timeline':
        return answer(200, timeline(world));
      default:
        return answer(404, { message: `${route} is no control route` });
    }
  } catch (error) {
    return answer(400, { message: error instanceof Error ? error.message : String(error) });
  }
}

const clockState = ({ clock }: World) => ({ time: new Date(clock.now()).toISOString(), speed: clock.speed });

async function moveClock(clock: AdjustableClock, body: object) {
  const { advanceSeconds, speed } = body as { advanceSeconds?: number; speed?: number };
  if (typeof advanceSeconds !== 'number' && typeof speed !== 'number') {
    throw new TypeError('a clock takes {"advanceSeconds": n} or {"speed": n}');
  }
  if (typeof speed === 'number') clock.setSpeed(speed);
  if (typeof advanceSeconds === 'number') await clock.advance(advanceSeconds * 1000);
}

/** Makes the environment of a requirements file's text before the first job or endpoint needs it. */
async function prepareEnvironment(world: World, body: object): Promise<string> {
  const { requirements } = body as { requirements?: string };
  if (typeof requirements !== 'string') throw new TypeError('an environment takes {"requirements": "…"}');
  const { pythonFor } = await import('./runtime/python.ts');
  return await pythonFor(world, requirements);
}

async function json(message: IncomingMessage): Promise<object> {
  let text = '';
  for await (const chunk of message.setEncoding('utf8')) text += chunk as string;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new TypeError('the body must be a JSON object');
  return value;
}
