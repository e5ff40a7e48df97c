import { recordMetric } from '../../../cloudwatch/metrics.ts';
import type { World } from '../../../kernel/world.ts';
import { invalid } from '../checks.ts';
import { note, trainingJob, type TrainingRecord } from './record.ts';

/**
 * Reads a job's metrics off its output: each definition's regular expression has one group, the number.
 * Every value goes to CloudWatch; the last of each is in the job's description.
 */
export function metricReader(world: World, record: TrainingRecord): (lines: readonly string[]) => void {
  const definitions = (record.request.AlgorithmSpecification?.MetricDefinitions ?? []).map((definition) => ({
    name: definition.Name as string,
    expression: metricExpression(definition.Regex as string),
  }));
  return (lines) => {
    const at = world.clock.now();
    const found: TrainingRecord['metrics'] = {};
    for (const line of lines) {
      for (const { name, expression } of definitions) {
        const value = Number(expression.exec(line)?.[1] ?? Number.NaN);
        if (!Number.isFinite(value)) continue;
        found[name] = { value, at };
        recordMetric(world, {
          namespace: '/aws/sagemaker/TrainingJobs',
          name,
          dimensions: { TrainingJobName: record.name },
          value,
          timestamp: at,
        });
      }
    }
    if (Object.keys(found).length === 0) return;
    note(world, record.name, { metrics: { ...trainingJob(world, record.name).metrics, ...found } });
  };
}

/** Python's named groups are spelled differently here. @throws AwsError ValidationException for what is no regular expression */
export function metricExpression(regex: string): RegExp {
  try {
    return new RegExp(regex.replaceAll('(?P<', '(?<'));
  } catch {
    throw invalid(`Invalid regular expression in metric definition: ${regex}`);
  }
}
