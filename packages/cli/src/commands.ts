/** A command's module: takes what follows its name, resolves with the exit code. */
export type CommandModule = { readonly main: (args: readonly string[]) => Promise<number> };

export type Command = {
  readonly name: string;
  readonly summary: string;
  readonly help: string;
  readonly load: () => Promise<CommandModule>;
};

export const commands: readonly Command[] = [
  {
    name: 'demo',
    summary: 'four commits of a real model through the real workflows, with traffic, in about a minute',
    load: () => import('./commands/demo.ts'),
    help: `Usage: tidegate demo [--json FILE] [--report FILE] [--clock-speed N] [--kill-during-canary] [--keep]

Starts a local AWS and a local GitHub, takes four commits of workflows-examples/flight-delay through the
reusable workflows while real HTTP traffic runs, lets months go by, and prints what became of each.

  --json FILE           the same facts for a program
  --report FILE         the HTML report (.tidegate/demo/report.html)
  --clock-speed N       how many seconds of AWS's time pass in one of ours (30)
  --kill-during-canary  kill -9 the local AWS in the middle of a canary, and start it again
  --keep                leave both servers running afterwards, and print what to export

Exit code 1 when a verdict is not the expected one, or a request was lost.

Examples:
  npm run demo
  npm run demo -- --json demo.json --kill-during-canary`,
  },
  {
    name: 'init',
    summary: 'a manifest and workflows for this model repository',
    load: () => import('./commands/init.ts'),
    help: `Usage: tidegate init [FOLDER] [--model NAME] [--force]

Writes tidegate.yml and .github/workflows/*.yml into a model repository, with what is found there filled in
and what is not marked for you to fill. Files that exist are left alone unless --force is given.

Examples:
  tidegate init
  tidegate init ../churn --model churn`,
  },
  {
    name: 'validate',
    summary: 'check the manifest and the workflows, with line and column',
    load: () => import('./commands/validate.ts'),
    help: `Usage: tidegate validate [FOLDER]

Checks tidegate.yml and every workflow below .github/workflows. Nothing is run and nothing is called.
Exit code 1 when there is a problem.

Examples:
  tidegate validate
  tidegate validate workflows-examples/flight-delay`,
  },
  {
    name: 'run',
    summary: 'run a workflow of a repository on this machine',
    load: () => import('./commands/run.ts'),
    help: `Usage: tidegate run [WORKFLOW] [--repository FOLDER] [--event NAME] [--input KEY=VALUE]… [--secret KEY=VALUE]…
                    [--data S3-URI=PATH]… [--clock-speed N]

Runs the workflows that an event starts (push when none is named), or one workflow file, at the repository's
HEAD, against a local AWS and a local GitHub whose state is kept in <repository>/.tidegate.
With AWS_ENDPOINT_URL set, that AWS is used instead of starting one. --data uploads a file or folder first.

Exit code 1 when a run does not succeed.

Examples:
  tidegate run --data s3://churn-data/train=data/train --data s3://churn-data/holdout=data/holdout
  tidegate run --event pull_request
  tidegate run roll-back.yml --input to=previous`,
  },
  {
    name: 'dev',
    summary: 'leave a local AWS and a local GitHub running, and print what to export',
    load: () => import('./commands/dev.ts'),
    help: `Usage: tidegate dev [--repository FOLDER] [--port N] [--github-port N] [--clock-speed N] [--directory DIR]

Starts both servers on 127.0.0.1 and leaves them running until Ctrl-C. Their state is kept in DIR
(.tidegate/dev), so that stopping and starting again changes nothing.

Examples:
  tidegate dev
  eval "$(tidegate dev --port 4566 | grep ^export)"`,
  },
  {
    name: 'report',
    summary: 'one self-contained HTML file from a demo’s or a run’s facts',
    load: () => import('./commands/report.ts'),
    help: `Usage: tidegate report FACTS.json [--output FILE]

Writes the HTML report of facts that \`tidegate demo --json\` wrote. It needs no network, prints, and can be
read by a screen reader.

Examples:
  tidegate report demo.json --output report.html`,
  },
  {
    name: 'drift',
    summary: 'compare two data sets, feature by feature',
    load: () => import('./commands/drift.ts'),
    help: `Usage: tidegate drift BASELINE CURRENT [--measure psi] [--warn 0.1] [--fail 0.2] [--min-samples N] [--output FILE.html] [--json]

Compares two files or folders (CSV, JSON Lines, Parquet, SageMaker captures). Exit code 1 on drift.

Examples:
  tidegate drift train.csv june.parquet
  tidegate drift baseline.csv captures/ --output drift.html`,
  },
  {
    name: 'evaluate',
    summary: 'metrics of a file of predictions, alone or beside another model’s',
    load: () => import('./commands/evaluate.ts'),
    help: `Usage: tidegate evaluate PREDICTIONS [--baseline FILE] [--label COLUMN] [--prediction COLUMN] [--metric NAME]… [--json]

Computes metrics from labels and predictions (CSV or Parquet); with --baseline also the paired difference with
its 95 % interval.

Examples:
  tidegate evaluate predictions.csv --label delayed
  tidegate evaluate candidate.csv --baseline live.csv --metric roc-auc --metric log-loss`,
  },
];

export function findCommand(name: string): Command | undefined {
  return commands.find((each) => each.name === name);
}
