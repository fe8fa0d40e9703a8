import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../../fixtures/run-cli.ts';

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true })
    .map((file) => join(folder, String(file)))
    .filter((file) => /\.(ts|js|mjs)$/.test(file));
}

it('is imported before onnxruntime, which comes in through one door only', () => {
  const folders = ['engine', 'main', 'cli', 'bench', 'scripts', 'tests'];
  const importing = folders
    .flatMap(sources)
    .filter((file) =>
      /(from|import|import\(|require\()\s*'onnxruntime-node'/.test(readFileSync(join(ROOT, file), 'utf8')),
    );
  expect(importing).toEqual([join('engine', 'models', 'onnxruntime.ts')]);
  const door = readFileSync(join(ROOT, importing[0]!), 'utf8');
  expect(door.indexOf("'./no-telemetry.ts'")).toBeGreaterThan(0);
  expect(door.indexOf("'./no-telemetry.ts'")).toBeLessThan(door.indexOf("'onnxruntime-node'"));
});
