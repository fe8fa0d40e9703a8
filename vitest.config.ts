import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';
import rendererConfig from './renderer/vite.config.ts';

const shared = { pool: 'forks', testTimeout: 60_000, hookTimeout: 120_000 } as const;

export default defineConfig({
  test: {
    // Vitest leaves one core free; many tests here wait for processes of their own.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          ...shared,
          name: 'node',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/unit/renderer/**', 'tests/e2e/**', '**/node_modules/**'],
        },
      },
      {
        plugins: [...rendererConfig.plugins, svelteTesting()],
        test: {
          ...shared,
          name: 'renderer',
          environment: 'jsdom',
          include: ['tests/unit/renderer/**/*.test.ts'],
          setupFiles: ['tests/unit/renderer/setup.ts'],
        },
      },
    ],
  },
});
