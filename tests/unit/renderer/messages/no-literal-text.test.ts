import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { literalTexts } from './no-literal-text.ts';

const ROOT = join(import.meta.dirname, '../../../../renderer');
const files = globSync(join(ROOT, '**/*.svelte'));

/** Names that are the same in every language. */
const NAMES = new Set(['Heirloom']);

test('there is something to look at', () => {
  expect(files.length).toBeGreaterThan(40);
});

test.each(files.map((file) => [relative(ROOT, file), file]))(
  '%s has its texts from the message files',
  (_, file) => {
    expect(literalTexts(readFileSync(file, 'utf8')).filter((text) => !NAMES.has(text))).toEqual([]);
  },
);

describe('literalTexts', () => {
  test.each([
    ['<p>Hello there</p>', ['Hello there']],
    ['{#if a}<b>Yes</b>{:else}No way{/if}', ['Yes', 'No way']],
    ['{#each a as b}<i>Row</i>{:else}None{/each}', ['Row', 'None']],
    ['{#await a}Wait{:then b}Good{:catch c}Bad{/await}', ['Wait', 'Good', 'Bad']],
    ['{#snippet a()}Part{/snippet}{@render a()}', ['Part']],
    ['{#key a}Again{/key}', ['Again']],
    ['<img alt="A face" />', ['A face']],
    ['<Button label={a ? "Open it" : m.close()} />', ['Open it']],
    ['{`${a} photos`}', ['photos']],
    ['{a ?? "None yet"}', ['None yet']],
    ['<svelte:element this={a}>Deep</svelte:element>', ['Deep']],
    ['<A><B><C title={"In it"} /></B></A>', ['In it']],
  ])('finds it in %s', (source, texts) => {
    expect(literalTexts(source).toSorted()).toEqual(texts.toSorted());
  });

  test.each([
    '<p class="words">{m.some_text({ name: "Anna" })}</p>',
    '<A icon={Close} kind="primary" onclick={() => say("hello")} />',
    '<script>const a = "text";</script><style>p { content: "text"; }</style>',
    '{#each list as one (one.id)}{one.name} × 2 {/each}',
    '<!-- A comment --><br />',
    '{a === "open" ? 1 : 2}',
  ])('finds none in %s', (source) => {
    expect(literalTexts(source)).toEqual([]);
  });

  test('refuses what is no component', () => {
    expect(() => literalTexts('{#if}')).toThrow();
  });
});
