/**
 * The part of Markdown that model cards use, as data: the text of a pack comes from outside, so nothing of it is ever
 * treated as HTML. What is not understood stays plain text.
 */

export type Inline = { kind: 'text' | 'code' | 'strong' | 'emphasis'; text: string };
export type Block =
  | { kind: 'heading'; level: number; inlines: Inline[] }
  | { kind: 'paragraph'; inlines: Inline[] }
  | { kind: 'list'; ordered: boolean; items: Inline[][] }
  | { kind: 'code'; text: string }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] };

// Each reads a line in one go: a card of a quarter of a megabyte must not take minutes.
const HEADING = /^(#{1,6})\s+(\S.*)?$/;
const ITEM = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/;
const FENCE = /^\s*(?:```|~~~)/;
const RULE_CELL = /^:?-+:?$/;
const LINK = /!?\[([^[\]]*)\]\(([^()\s]*)(?:\s+"[^"]*")?\)/g;
const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*/g;

type Lines = { lines: readonly string[]; at: number };

export function parseMarkdown(markdown: string): Block[] {
  const input: Lines = { lines: markdown.split(/\r?\n/), at: 0 };
  const blocks: Block[] = [];
  while (input.at < input.lines.length) {
    if (line(input).trim() === '') input.at++;
    else blocks.push(readBlock(input));
  }
  return blocks;
}

/** `code`, **strong** and *emphasis*; of a link the text and its address, since a pack may not lead anywhere. */
export function parseInlines(text: string): Inline[] {
  const plain = text.replace(LINK, (_, label: string, address: string) =>
    label && label !== address ? `${label} (${address})` : address,
  );
  const inlines: Inline[] = [];
  let end = 0;
  for (const match of plain.matchAll(INLINE)) {
    if (match.index > end) inlines.push({ kind: 'text', text: plain.slice(end, match.index) });
    inlines.push(marked(match));
    end = match.index + match[0].length;
  }
  if (end < plain.length) inlines.push({ kind: 'text', text: plain.slice(end) });
  return inlines;
}

function marked([all, code, strong, emphasis]: RegExpMatchArray): Inline {
  if (code !== undefined) return { kind: 'code', text: code };
  if (strong !== undefined) return { kind: 'strong', text: strong };
  return { kind: 'emphasis', text: emphasis ?? all ?? '' };
}

const line = ({ lines, at }: Lines): string => lines[at] ?? '';

function readBlock(input: Lines): Block {
  const heading = HEADING.exec(line(input));
  if (heading) {
    input.at++;
    return {
      kind: 'heading',
      level: heading[1]?.length ?? 1,
      inlines: parseInlines(unclosed(heading[2] ?? '')),
    };
  }
  if (FENCE.test(line(input))) return readCode(input);
  if (startsTable(input)) return readTable(input);
  if (ITEM.test(line(input))) return readList(input);
  return readParagraph(input);
}

/** `Title #` without what closes a heading. */
function unclosed(heading: string): string {
  let end = heading.trimEnd().length;
  while (heading[end - 1] === '#') end--;
  return heading.slice(0, end).trimEnd();
}

function readCode(input: Lines): Block {
  const body: string[] = [];
  for (input.at++; input.at < input.lines.length && !FENCE.test(line(input)); input.at++)
    body.push(line(input));
  input.at++;
  return { kind: 'code', text: body.join('\n') };
}

function startsTable({ lines, at }: Lines): boolean {
  return (
    (lines[at] ?? '').includes('|') && rawCells(lines[at + 1] ?? '').every((cell) => RULE_CELL.test(cell))
  );
}

function readTable(input: Lines): Block {
  const head = cells(line(input));
  const rows: Inline[][][] = [];
  for (input.at += 2; input.at < input.lines.length && line(input).includes('|'); input.at++) {
    const row = cells(line(input));
    rows.push(head.map((_, column) => row[column] ?? []));
  }
  return { kind: 'table', head, rows };
}

function cells(row: string): Inline[][] {
  return rawCells(row).map(parseInlines);
}

function rawCells(row: string): string[] {
  const inner = row.trim().replace(/^\|/, '').replace(/\|$/, '');
  return inner.split('|').map((cell) => cell.trim());
}

function readList(input: Lines): Block {
  const items: string[] = [];
  const ordered = ITEM.exec(line(input))?.[1] !== undefined;
  for (; input.at < input.lines.length && line(input).trim() !== ''; input.at++) {
    const item = ITEM.exec(line(input));
    if (item) items.push(item[2] ?? '');
    else items.push(`${items.pop() ?? ''} ${line(input).trim()}`);
  }
  return { kind: 'list', ordered, items: items.map(parseInlines) };
}

function startsOtherBlock(input: Lines): boolean {
  const text = line(input);
  return HEADING.test(text) || FENCE.test(text) || ITEM.test(text) || startsTable(input);
}

function readParagraph(input: Lines): Block {
  const parts = [line(input).trim()];
  for (input.at++; input.at < input.lines.length; input.at++) {
    if (line(input).trim() === '' || startsOtherBlock(input)) break;
    parts.push(line(input).trim());
  }
  return { kind: 'paragraph', inlines: parseInlines(parts.join(' ')) };
}
