import { commands, findCommand } from './commands.ts';
import { isUserError } from './terminal/errors.ts';

const [name = '--help', ...rest] = process.argv.slice(2);

if (name === '--version' || name === '-v') {
  const { version } = await import('./version.ts');
  console.log(version);
} else if (name === '--help' || name === '-h' || name === 'help') {
  console.log(overview());
} else {
  await run();
}

async function run(): Promise<void> {
  const command = findCommand(name);
  if (command === undefined) {
    console.error(
      `tidegate: there is no command "${name}"; there are ${commands.map((each) => each.name).join(', ')}`,
    );
    process.exitCode = 2;
    return;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    console.log(command.help);
    return;
  }
  try {
    const { main } = await command.load();
    process.exitCode = await main(rest);
  } catch (error) {
    // A fault that the reader can mend needs no stack; one of ours does.
    console.error(isUserError(error) ? `Error: ${error.message}` : (error as Error));
    process.exitCode = isUserError(error) ? ((error as { exitCode?: number }).exitCode ?? 1) : 70;
  }
}

function overview(): string {
  const width = Math.max(...commands.map((each) => each.name.length)) + 2;
  return `Usage: tidegate <command> [options]

Takes a machine-learning model from a commit to production on AWS, and brings it back by itself.
All of these run on this machine, with no account.

${commands.map((each) => `  ${each.name.padEnd(width)}${each.summary}`).join('\n')}

tidegate <command> --help shows a command's options and examples.

Exit codes: 0 done · 1 it ran, and the answer is no (a gate failed, a manifest is wrong) · 2 the command line is wrong · 70 a fault of Tidegate's own · 130 after Ctrl-C`;
}
