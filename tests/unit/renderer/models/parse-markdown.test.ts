import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseInlines, parseMarkdown } from '../../../../renderer/components/models/parse-markdown.ts';

const text = (value: string) => [{ kind: 'text', text: value }];

describe('parseMarkdown', () => {
  it('reads headings, paragraphs over several lines, lists and code', () => {
    const blocks = parseMarkdown(
      '# One #\nfirst\nsecond\n\n- a\n- b\n  goes on\n\n1. x\n\n```\n# not a heading\n```',
    );
    expect(blocks).toEqual([
      { kind: 'heading', level: 1, inlines: text('One') },
      { kind: 'paragraph', inlines: text('first second') },
      { kind: 'list', ordered: false, items: [text('a'), text('b goes on')] },
      { kind: 'list', ordered: true, items: [text('x')] },
      { kind: 'code', text: '# not a heading' },
    ]);
  });

  it('reads a table; a short row is filled, a long one cut', () => {
    expect(parseMarkdown('| a | b |\n|---|---|\n| 1 |\n| 1 | 2 | 3 |\n\nend')).toEqual([
      {
        kind: 'table',
        head: [text('a'), text('b')],
        rows: [
          [text('1'), []],
          [text('1'), text('2')],
        ],
      },
      { kind: 'paragraph', inlines: text('end') },
    ]);
  });

  it('keeps HTML and scripts as the text they are', () => {
    expect(parseMarkdown('<script>alert(1)</script>')).toEqual([
      { kind: 'paragraph', inlines: text('<script>alert(1)</script>') },
    ]);
  });

  it('ends on anything: nothing, an open fence, a rule without a head, lone marks', () => {
    expect(parseMarkdown('')).toEqual([]);
    expect(parseMarkdown('```\nopen')).toEqual([{ kind: 'code', text: 'open' }]);
    for (const odd of ['|---|', '**', '*', '`', '-', '#', '[](', '|\n|-', '\n\n\n', '- \n  - '])
      expect(() => parseMarkdown(odd)).not.toThrow();
  });

  it.each([
    ['a heading with a long gap', `# a${' '.repeat(250_000)}x`],
    ['a heading with a long end', `# ${'#'.repeat(250_000)}x`],
    ['a rule with a long gap', `a|b\n${' '.repeat(250_000)}x`],
    ['a rule with a gap behind a dash', `a|b\n-${' '.repeat(250_000)}x`],
    ['brackets that nothing closes', '['.repeat(250_000)],
  ])('is done with the largest card at once, also with %s', (_, card) => {
    const begin = performance.now();
    parseMarkdown(card);
    expect(performance.now() - begin).toBeLessThan(2000);
  });

  it('reads the bundled card: its title, a table with as many cells as its head, its limits as a list', () => {
    const blocks = parseMarkdown(readFileSync('resources/models/family-256/MODEL_CARD.md', 'utf8'));
    expect(blocks[0]).toEqual({ kind: 'heading', level: 1, inlines: text('family-256') });
    const table = blocks.find((block) => block.kind === 'table');
    expect(table?.rows.length).toBeGreaterThan(3);
    expect(table?.rows.every((row) => row.length === table.head.length)).toBe(true);
    expect(blocks.some((block) => block.kind === 'list' && block.items.length > 3)).toBe(true);
  });
});

describe('parseInlines', () => {
  it('marks code, strong and emphasis, and leaves products of numbers alone', () => {
    expect(parseInlines('256 * 256, `a*b`, **bold** and *soft*')).toEqual([
      { kind: 'text', text: '256 * 256, ' },
      { kind: 'code', text: 'a*b' },
      { kind: 'text', text: ', ' },
      { kind: 'strong', text: 'bold' },
      { kind: 'text', text: ' and ' },
      { kind: 'emphasis', text: 'soft' },
    ]);
  });

  it('shows where a link would lead instead of leading there', () => {
    expect(parseInlines('[here](javascript:alert) ![x](y.png)')).toEqual(
      text('here (javascript:alert) x (y.png)'),
    );
  });
});
