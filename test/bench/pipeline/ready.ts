import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { inWords, median, spread, type Section } from './measure.ts';

const rounds = 11;
const goal = 2;
const localAws = path.resolve(import.meta.dirname, '../../../packages/local-aws/src/main.ts');
const bareServer = path.join(import.meta.dirname, 'bare-server.js');

/** From starting the process to the first answer, beside the least server there is. */
export async function ready(): Promise<Section> {
  const [ours, bare]: [number[], number[]] = [[], []];
  // The first start of all fills the compile cache, as the first start on any machine does.
  const first = await untilAnswered(localAws);
  for (let round = 0; round < rounds; round++) {
    bare.push(await untilAnswered(bareServer));
    ours.push(await untilAnswered(localAws));
  }
  const ratio = median(ours) / median(bare);
  return {
    title: 'Local AWS: from start to first answer',
    how: `From spawning \`node packages/local-aws/src/main.ts\` to its answer of \`/_tidegate/health\`, asked as soon as it prints its address; the peer is a program of one \`http.createServer\`, asked in the same way. Interleaved, ${rounds} times.`,
    rows: [
      {
        what: 'local AWS ready',
        ours: `${ratio.toFixed(2)}× (${spread(ours)})`,
        peers: [{ what: 'bare node:http server', figure: spread(bare) }],
        goal: `≤ ${goal}×`,
        met: ratio <= goal,
      },
      { what: 'its start before those', ours: inWords(first), peers: [] },
    ],
    ...(ratio > goal && {
      missed: `by ${inWords(median(ours) - goal * median(bare))}: reading and compiling the modules of the kernel and the control routes, and the store’s first files.`,
    }),
  };
}

async function untilAnswered(program: string): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const { endpoint } = JSON.parse(line) as { endpoint: string };
    const [response] = await once(get(`${endpoint}/_tidegate/health`, { agent: false }), 'response');
    (response as NodeJS.ReadableStream).resume();
    await once(response as NodeJS.ReadableStream, 'end');
    return performance.now() - started;
  } finally {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }
}
