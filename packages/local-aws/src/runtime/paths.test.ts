import { expect, test } from '@jest/globals';
import { asInContainer, below } from './paths.ts';

test.each([
  ['/opt/ml/model', '/r/opt/ml/model'],
  ['--data=/opt/ml/input/data/train,/opt/ml/x', '--data=/r/opt/ml/input/data/train,/r/opt/ml/x'],
  ["bash -c 'cd /opt/ml && ls'", "bash -c 'cd /r/opt/ml && ls'"],
  ['/opt/mlflow', '/opt/mlflow'],
  ['/mnt/opt/ml/model', '/mnt/opt/ml/model'],
])('%s is moved below the root', (text, moved) => {
  expect(below('/r', text)).toBe(moved);
  expect(asInContainer('/r', moved)).toBe(text);
});
