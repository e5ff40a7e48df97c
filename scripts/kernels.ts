import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

/** The module that carries packages/stats/kernels, compiled from AssemblyScript to WebAssembly. */
export function kernelsModule(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-kernels-'));
  const output = path.join(folder, 'kernels.wasm');
  try {
    const compiler = path.join(root, 'node_modules', 'assemblyscript', 'bin', 'asc.js');
    const source = path.join('packages', 'stats', 'kernels', 'index.ts');
    const features = ['--enable', 'simd', '--runtime', 'stub', '--noAssert', '--importMemory'];
    execFileSync(process.execPath, [compiler, source, '-O3', ...features, '-o', output], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    return `// Made of packages/stats/kernels by \`npm run docs\`.\nexport const code =\n  '${readFileSync(output).toString('base64')}';\n`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
