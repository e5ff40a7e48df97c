import type { ManifestLookup } from './lookup.ts';
import { serverProblems, servers } from './servers.ts';

/** Settings that are each right alone and wrong together. */
export function contradictions(lookup: ManifestLookup): { key: string; sentence: string }[] {
  const text = (key: string, otherwise: string) => (lookup(key)?.value as string | undefined) ?? otherwise;
  const number = (key: string, otherwise: number) => (lookup(key)?.value as number | undefined) ?? otherwise;
  const found: { key: string; sentence: string }[] = [];

  if (lookup('train.spot')?.value === true && lookup('train.checkpoint-s3-uri') === undefined) {
    found.push({
      key: 'train.spot',
      sentence: 'needs train.checkpoint-s3-uri: an interrupted job would start from nothing',
    });
  }

  const alarmed = ['error-rate', 'p99-latency', 'p95-latency'].some(
    (key) => lookup(`deploy.rollback-on.${key}`) !== undefined,
  );
  const window =
    seconds(text('deploy.rollback-on.period', '1m')) * number('deploy.rollback-on.evaluation-periods', 1);
  const bake = seconds(text('deploy.bake', '10m'));
  if (lookup('deploy') !== undefined && alarmed && bake <= window) {
    const key = lookup('deploy.bake') === undefined ? 'deploy' : 'deploy.bake';
    found.push({
      key,
      sentence:
        `${text('deploy.bake', '10m')} is not longer than the alarm’s window of ${window} s, so no alarm could fire while both versions are kept; ` +
        `use ${Math.ceil((window + 60) / 60)}m or more, or lower rollback-on.period`,
    });
  }

  if (lookup('deploy.verify-attestation')?.value === 'signed' && lookup('image.signing-key') === undefined) {
    found.push({
      key: 'deploy.verify-attestation',
      sentence: 'is signed, and there is no image.signing-key that signs',
    });
  }
  const server = servers.find((each) => each === text('image.server', 'tidegate'));
  if (lookup('image') !== undefined && server !== undefined) {
    const at = (key: string) => lookup(`image.${key}`)?.value as string | undefined;
    const given = { base: at('base'), entry: at('entry'), requirements: at('requirements') };
    for (const [setting, sentence] of serverProblems({ server, ...given })) {
      const key = `image.${setting}`;
      found.push(
        lookup(key) === undefined ? { key: 'image', sentence: `${setting} ${sentence}` } : { key, sentence },
      );
    }
    const isOthers = server !== 'tidegate' && server !== 'none';
    if (isOthers && text('deploy.target', 'sagemaker') === 'lambda')
      found.push({ key: 'image.server', sentence: `${server} does not answer Lambda: tidegate does` });
  }

  if (number('monitor.drift.warn', 0.1) > number('monitor.drift.fail', 0.2)) {
    found.push({
      key: 'monitor.drift.warn',
      sentence: 'is above monitor.drift.fail: nothing could be a warning',
    });
  }
  const [needed = 1, of = 1] = text('monitor.drift.windows', '1 of 1').split(' of ').map(Number);
  const instances = number('monitor.instance-count', 1);
  if (text('monitor.engine', 'processing') === 'runner' && instances > 1)
    found.push({
      key: 'monitor.instance-count',
      sentence: `is ${instances}, and monitor.engine: runner is one machine`,
    });
  if (needed > of)
    found.push({ key: 'monitor.drift.windows', sentence: `${needed} of ${of} windows can never drift` });
  return found;
}

function seconds(duration: string): number {
  const unit = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 } as const;
  let total = 0;
  for (const [, amount, name] of duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    total += Number(amount) * unit[name as keyof typeof unit];
  return total;
}
