import type { Problem } from '../errors.ts';
import type { WorkflowFile } from '../workflow/read.ts';
import type { JobShape, StepShape } from '../workflow/shape.ts';

const JOB_KEYS = {
  container: 'Jobs in containers are not supported: steps run on this machine.',
  services: 'Service containers are not supported on this machine.',
  snapshot: 'Snapshots of the runner are not supported.',
};
const STEP_KEYS = ['background', 'wait', 'wait-all', 'cancel', 'parallel'];
const SHELLS = ['pwsh', 'powershell', 'cmd'];

/** What a workflow asks for that GitHub has and this runner has not, each by name and with its place. */
export function refusals({ file, workflow, locate }: WorkflowFile): Problem[] {
  const problems: Problem[] = [];
  const refuse = (path: (string | number)[], message: string) =>
    problems.push({ file, ...locate(path), message });
  const shell = (path: (string | number)[], value: string | undefined) => {
    const word = value?.split(' ')[0] ?? '';
    if (SHELLS.includes(word))
      refuse(path, `The shell '${word}' is not supported: bash, sh, python or a command with {0}.`);
  };
  shell(['defaults', 'run', 'shell'], workflow.defaults?.run?.shell);
  for (const [id, job] of Object.entries(workflow.jobs)) {
    const at = ['jobs', id];
    for (const [key, message] of Object.entries(JOB_KEYS)) if (key in job) refuse([...at, key], message);
    if (/^(?:windows|macos)-/.test(labelOf(job)))
      refuse([...at, 'runs-on'], `The runner '${labelOf(job)}' is not supported: jobs run on this machine.`);
    shell([...at, 'defaults', 'run', 'shell'], job.defaults?.run?.shell);
    job.steps?.forEach((step: StepShape, index) => {
      for (const key of STEP_KEYS)
        if (key in step)
          refuse([...at, 'steps', index, key], `'${key}' is not supported: steps run one after the other.`);
      shell([...at, 'steps', index, 'shell'], step.shell);
    });
  }
  return problems;
}

function labelOf(job: JobShape): string {
  const label = (job as { 'runs-on'?: unknown })['runs-on'];
  return String(Array.isArray(label) ? label[0] : (label ?? ''));
}
