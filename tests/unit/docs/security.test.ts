import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../fixtures/run-cli.ts';

const TEXT = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
const REFERENCE = /`(tests\/[^`]+\.(?:test|spec)\.ts)`: `([^`]+)`/g;
const COMMAND = /`npm run ([\w:]+)`/g;
/** Sections that say how things are and promise nothing. */
const NO_CLAIMS = new Set(['What is weaker']);

interface Claim {
  section: string;
  line: string;
}

function claims(): Claim[] {
  let section = '';
  const found: Claim[] = [];
  for (const line of TEXT.split('\n')) {
    section = /^## (.*)/.exec(line)?.[1] ?? section;
    if (/^(- |\d+\. )/.test(line) && !NO_CLAIMS.has(section)) found.push({ section, line });
  }
  return found;
}

const references = [...TEXT.matchAll(REFERENCE)].map(([, file = '', title = '']) => [file, title] as const);
/** The words of a test's title as they stand in its source, in whichever quotes. */
const titlesOf = (file: string): string[] =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(/(['"`])((?:\\.|(?!\1).)*)\1/g)].map(
    ([, , text = '']) => text.replaceAll(/\\(.)/g, '$1'),
  );

describe('docs/security.md', () => {
  it('names a test, or a command that is one, for every claim', () => {
    expect(claims().length).toBeGreaterThan(50);
    const bare = claims().filter(({ line }) => !line.match(REFERENCE) && !line.match(COMMAND));
    expect(bare).toEqual([]);
  });

  it.each(references)('names %s, which has the test %j', (file, title) => {
    expect(existsSync(join(ROOT, file))).toBe(true);
    expect(titlesOf(file)).toContain(title);
  });

  it('names commands that are there', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const [, name = ''] of TEXT.matchAll(COMMAND)) expect(scripts).toHaveProperty([name]);
  });

  it('goes through all twenty items of the checklist of Electron, in order', () => {
    const numbers = claims().filter(
      ({ section }) => section === 'Electron\u2019s checklist' || section === "Electron's checklist",
    );
    expect(numbers.map(({ line }) => Number.parseInt(line, 10))).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
  });
});
