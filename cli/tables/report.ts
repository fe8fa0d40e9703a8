import { isExact, TABLES, type RecipeId } from '../../contract/evaluation.ts';
import { scatterPlot, type Point } from './plot.ts';
import { plural } from '../output.ts';
import type { Difference } from './compare.ts';
import type { Estimate } from './statistics.ts';
import type { Measures, Summary } from './summarise.ts';

export interface ReportHead {
  /** Id and version of the pack. */
  pack: string;
  pairs: number;
  seed: number;
  machine: string;
  /** Sentences of their own, as of rows that this pack cannot have. */
  notes?: readonly string[];
}

/** Differences of the same faces under one heading. */
export interface Comparison {
  title: string;
  differences: readonly Difference[];
}

type Summaries = ReadonlyMap<RecipeId, Summary>;
interface Column<T = Summary> {
  title: string;
  cell: (of: T) => string | undefined;
}

/** `text` writes an estimate with so many digits, `psnrDigits` those of PSNR. */
function measureColumns(
  text: (estimate: Estimate, digits: number) => string,
  psnrDigits: number,
): Column<Measures>[] {
  return [
    { title: 'pairs', cell: ({ pairs }) => String(pairs) },
    { title: 'PSNR, dB', cell: ({ psnr }) => text(psnr, psnrDigits) },
    { title: 'SSIM', cell: ({ ssim }) => text(ssim, 3) },
    { title: 'identity', cell: ({ identity }) => identity && text(identity, 3) },
    { title: 'landmarks, px', cell: ({ landmarks }) => landmarks && text(landmarks, 2) },
    { title: 'NIQE', cell: ({ niqe }) => text(niqe, 2) },
    { title: 'Fréchet', cell: ({ frechet }) => frechet && text(frechet, 3) },
    { title: 'FID', cell: ({ fid }) => fid && text(fid, 1) },
    { title: 'LPIPS', cell: ({ lpips }) => lpips && text(lpips, 3) },
    { title: 'sharpness', cell: ({ sharpness }) => text(sharpness, 2) },
  ];
}

const COLUMNS: readonly Column[] = [
  ...measureColumns(show, 2),
  { title: 's a face', cell: ({ seconds }) => seconds.toFixed(2) },
];
const DIFFERENCES = measureColumns(showSigned, 3);

const SAMPLERS = TABLES.find(({ id }) => id === 'samplers')!;
/** What the exact sampler is compared with, and itself first. */
export const SAMPLER_ROWS: readonly RecipeId[] = SAMPLERS.rows.map(([id]) => id);
const SAMPLER_COLUMNS: ReadonlySet<string> = new Set([
  ...['pairs', 'PSNR, dB', 'Fréchet', 'sharpness', 's a face'],
]);

/**
 * The tables as Markdown, `paired` those of the samplers on the pairs that every one of them has; a row that no pair has is said to be missing, a column that no row has is left out, and so is a comparison without differences.
 */
export function resultsPage(
  head: ReportHead,
  summaries: Summaries,
  paired: Summaries,
  comparisons: readonly Comparison[] = [],
): string {
  const columns = columnsOf(summaries);
  const tables = TABLES.map(({ title, rows }) =>
    [`## ${title}`, '', ...markdownTable(columns, rows, summaries)].join('\n'),
  );
  return `# Results

Written by \`npm run evaluate -- --tables\`; do not edit. Pack ${head.pack}, ${plural(head.pairs, 'pair')}, seed ${head.seed}, each pair with its own noise, ${head.machine}. Means over pairs with 95 % bootstrap intervals. Lower is better for identity (descriptor distance to the truth), landmarks (mean distance in pixels of the pack's size), NIQE (its undistorted pictures are the truths of this run), Fréchet (distance of the face descriptors to the truths'), FID and LPIPS; sharpness is gradient energy over the truth's, best at 1. A measure of faces counts those pairs in which a face was found. Rows of another number of pairs than their neighbours saw other faces: compare their means with care.
${(head.notes ?? []).map((note) => `\n${note}\n`).join('')}
${[...tables, ...pairedTable(paired), ...comparisons.flatMap(comparisonTable)].join('\n\n')}

![Quality against fidelity](results-quality.svg)

![Quality against time](results-time.svg)
`;
}

function columnsOf(summaries: Summaries): Column[] {
  return filled(COLUMNS, [...summaries.values()]);
}

/** The columns that at least one row has something in. */
function filled<T>(columns: readonly Column<T>[], rows: readonly T[]): Column<T>[] {
  return columns.filter(({ cell }) => rows.some((row) => cell(row)));
}

function comparisonTable({ title, differences }: Comparison): string[] {
  if (differences.length === 0) return [];
  const columns = filled(DIFFERENCES, differences);
  const rows = differences.map((one) => [one.title, ...columns.map(({ cell }) => cell(one) ?? '–')]);
  return [[`## ${title}`, '', ...tableLines(columns, rows)].join('\n')];
}

/** Exact and spectral on the same faces; nothing where the exact sampler was not run. */
function pairedTable(paired: Summaries): string[] {
  if (![...paired.keys()].some(isExact)) return [];
  const columns = columnsOf(paired).filter(({ title }) => SAMPLER_COLUMNS.has(title));
  const rows = SAMPLERS.rows.filter(([id]) => paired.has(id));
  const title = '## Exact against spectral, on the pairs that both have';
  return [[title, '', ...markdownTable(columns, rows, paired)].join('\n')];
}

function markdownTable(
  columns: readonly Column[],
  rows: readonly (readonly [RecipeId, string])[],
  summaries: Summaries,
): string[] {
  const cells = rows.map(([id, title]) => {
    const summary = summaries.get(id);
    return [title, ...columns.map(({ cell }) => (summary ? (cell(summary) ?? '–') : 'not run'))];
  });
  return tableLines(columns, cells);
}

function tableLines(columns: readonly { title: string }[], rows: readonly string[][]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = line(['', ...columns.map(({ title }) => title)]);
  return [head, `|${'---|'.repeat(columns.length + 1)}`, ...rows.map(line)];
}

/** One pair has no spread. */
function show({ value, low, high }: Estimate, digits: number, to = '–'): string {
  if (low === high) return value.toFixed(digits);
  return `${value.toFixed(digits)} (${low.toFixed(digits)}${to}${high.toFixed(digits)})`;
}

/** Its ends may be below 0. */
function showSigned(estimate: Estimate, digits: number): string {
  return show(estimate, digits, ' to ');
}

/** The two plots by file name: every row that was run, once, by the Frechet distance where every row has one. */
export function resultsPlots(summaries: Summaries): Record<string, string> {
  const byFrechet = [...summaries.values()].every(({ frechet }) => frechet);
  const quality = { title: `${byFrechet ? 'Fréchet distance' : 'NIQE'}, lower is better` };
  const titles = new Map<RecipeId, string>(TABLES.flatMap(({ rows }) => rows));
  const points = (x: (summary: Summary) => number): Point[] =>
    [...summaries].map(([id, summary]) => ({
      label: titles.get(id) ?? id,
      x: x(summary),
      y: (byFrechet ? summary.frechet! : summary.niqe).value,
    }));
  const fidelity = { title: 'PSNR in dB, higher is better' };
  const seconds = { title: 'seconds a face', logarithmic: true };
  const timed = points((summary) => summary.seconds).filter(({ x }) => x > 0);
  return {
    'results-quality.svg': scatterPlot(
      'Quality against fidelity',
      points(({ psnr }) => psnr.value),
      fidelity,
      quality,
    ),
    ...(timed.length > 0 && {
      'results-time.svg': scatterPlot('Quality against time', timed, seconds, quality),
    }),
  };
}
