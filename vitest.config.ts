import { globSync, readFileSync } from 'node:fs';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import rendererConfig from './renderer/vite.config.ts';

const shared = { pool: 'forks', testTimeout: 60_000, hookTimeout: 120_000 } as const;

/** What changes the process or its modules for every file after it. */
const NEEDS_OWN_PROCESS = /\bvi\.(mock|doMock|resetModules|stub\w+|spyOn)\(|\bprocess\.(env|chdir|exitCode)/;

/** A process for each file took as long as the tests of most: files share one, but for those that change it. */
function twoProjects(
  { test, ...config }: TestProjectInlineConfiguration & { test: { name: string } },
  files: readonly string[],
): TestProjectInlineConfiguration[] {
  const own = files.filter((file) => NEEDS_OWN_PROCESS.test(readFileSync(file, 'utf8')));
  const others = files.filter((file) => !own.includes(file));
  return [
    { ...config, test: { ...test, include: others, isolate: false } },
    { ...config, test: { ...test, name: `${test.name}, one process a file`, include: own } },
  ];
}

const renderer = globSync('tests/unit/renderer/**/*.test.ts');
const node = globSync('tests/**/*.test.ts').filter((file) => !/^tests\/(unit\/renderer|e2e)\//.test(file));

export default defineConfig({
  test: {
    // Vitest leaves one core free; many tests here wait for processes of their own.
    maxWorkers: '100%',
    projects: [
      ...twoProjects({ test: { ...shared, name: 'node' } }, node),
      ...twoProjects(
        {
          plugins: [...rendererConfig.plugins, svelteTesting()],
          test: {
            ...shared,
            name: 'renderer',
            environment: 'jsdom',
            setupFiles: ['tests/unit/renderer/setup.ts'],
          },
        },
        renderer,
      ),
    ],
  },
});
