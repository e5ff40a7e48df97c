import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export type ActionResult = { code: number; outputs: Record<string, string>; stdout: string; summary: string };

/** Runs an action's built step as a runner does: a process with inputs in its environment and files for its answers. */
export async function runBuiltAction(
  script: string,
  inputs: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<ActionResult> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-step-'));
  const file = (name: string) => {
    const target = path.join(folder, name);
    writeFileSync(target, '');
    return target;
  };
  const [output, summary, state] = ['output', 'summary', 'state'].map(file) as [string, string, string];
  try {
    const child = spawn(process.execPath, [script], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        GITHUB_WORKSPACE: folder,
        RUNNER_TEMP: folder,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
        GITHUB_STATE: state,
        ...Object.fromEntries(
          Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
        ),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let stdout = '';
    for await (const chunk of child.stdout.setEncoding('utf8')) stdout += chunk as string;
    const code =
      child.exitCode ??
      (await new Promise<number>((resolve) => child.once('close', (exit) => resolve(exit ?? -1))));
    return {
      code,
      outputs: parseOutputs(readFileSync(output, 'utf8')),
      stdout,
      summary: readFileSync(summary, 'utf8'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `name<<delimiter`, the value's lines, `delimiter`, as the toolkit writes them. */
function parseOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [, name, , value] of text.matchAll(/^(\S+?)<<(\S+)\n([\s\S]*?)\n?\2$/gm))
    outputs[name!] = value!;
  return outputs;
}
