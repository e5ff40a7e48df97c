import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from '@jest/globals';

test('what somebody else wrote is printed between two lines that switch the runner’s commands off and on', () => {
  const script = `
    import { log } from ${JSON.stringify(path.join(import.meta.dirname, 'log.ts'))};
    log.untrusted(['epoch 1', '::set-output name=passed::true', '::add-mask::true']);
    log.untrusted([]);
  `;
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  const [stop, ...lines] = said.trimEnd().split('\n');
  const token = /^::stop-commands::([0-9a-f-]{36})$/.exec(stop!)?.[1];
  expect(lines).toEqual(['epoch 1', '::set-output name=passed::true', '::add-mask::true', `::${token}::`]);
});
