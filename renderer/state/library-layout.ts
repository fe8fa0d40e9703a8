/** Where every photo of the timeline lies, from the counts of its months alone; pure, so that 100,000 cost nothing. */

export interface MonthCount {
  /** `YYYY-MM`; null: without a date. */
  month: string | null;
  count: number;
}

export interface LayoutOptions {
  /** Inner width in pixels. */
  width: number;
  /** Least side of a tile in pixels; tiles grow to fill the line. */
  tile: number;
  gap: number;
  /** Height of the line of headings. */
  heading: number;
}

/** A month in its place. */
export interface Section extends MonthCount {
  /** Place in `sections`. */
  order: number;
  /** Index of its first photo in the whole timeline. */
  first: number;
  /** Column of its first photo, from 0. */
  column: number;
  /** Top of its heading in pixels. */
  top: number;
}

/** A line of headings with the lines of photos below it: one month, or several that fit into one line together. */
interface Band {
  sections: Section[];
  first: number;
  count: number;
  top: number;
  /** Lines of photos. */
  rows: number;
  /** Number of its heading line among all lines, from 0. */
  row: number;
}

/** A line of the grid. */
export type Line = {
  /** Among all lines, from 0. */
  row: number;
  /** Pixels. */
  top: number;
} & (
  | { kind: 'headings'; sections: readonly Section[] }
  /** `first`: index in the whole timeline; the photos fill the columns from the first on. */
  | { kind: 'photos'; first: number; count: number }
);
export type PhotoLine = Extract<Line, { kind: 'photos' }>;

export interface Rect {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export class TimelineLayout {
  readonly columns: number;
  /** Side of a tile in pixels. */
  readonly side: number;
  readonly sections: readonly Section[];
  readonly total: number;
  /** Lines of headings and of photos. */
  readonly rowCount: number;
  readonly height: number;
  readonly #bands: readonly Band[];
  /** Lines that were asked for: the same line is the same object, so that it is not drawn again. */
  readonly #lines = new Map<number, Line>();
  readonly #options: LayoutOptions;

  constructor(months: readonly MonthCount[], options: LayoutOptions) {
    const { width, tile, gap } = options;
    this.#options = options;
    this.columns = Math.max(1, Math.floor((width + gap) / (tile + gap)));
    this.side = Math.max(1, (width - (this.columns - 1) * gap) / this.columns);
    this.#bands = this.#place(months);
    this.sections = this.#bands.flatMap(({ sections }) => sections);
    const last = this.#bands.at(-1);
    this.total = last ? last.first + last.count : 0;
    this.rowCount = last ? last.row + 1 + last.rows : 0;
    this.height = last ? this.#bottom(last) : 0;
  }

  #place(months: readonly MonthCount[]): Band[] {
    const bands: Band[] = [];
    let order = 0;
    for (const { month, count } of months) {
      const band = this.#bandFor(count, bands);
      const first = band.first + band.count;
      band.sections.push({ month, count, order: order++, first, column: band.count, top: band.top });
      band.count += count;
      band.rows = Math.ceil(band.count / this.columns);
    }
    return bands;
  }

  /** The last band where the month still fits into its one line, else a new one. */
  #bandFor(count: number, bands: Band[]): Band {
    const last = bands.at(-1);
    if (last && last.count + count <= this.columns) return last;
    const band: Band = {
      sections: [],
      first: last ? last.first + last.count : 0,
      count: 0,
      top: last ? this.#bottom(last) : 0,
      rows: 0,
      row: last ? last.row + 1 + last.rows : 0,
    };
    bands.push(band);
    return band;
  }

  #bottom({ top, rows }: Band): number {
    return top + this.#options.heading + rows * this.#pitch;
  }

  get #pitch(): number {
    return this.side + this.#options.gap;
  }

  /** The month that a photo belongs to. */
  sectionOf(index: number): Section | undefined {
    return findLast(this.sections, (section) => section.first <= index);
  }

  /** The first month of what lies at a height. */
  sectionAt(y: number): Section | undefined {
    return this.#bandAt(y)?.sections[0];
  }

  #bandAt(y: number): Band | undefined {
    return findLast(this.#bands, (band) => band.top <= y) ?? this.#bands[0];
  }

  /** The lines that lie between two heights. */
  linesBetween(top: number, bottom: number): Line[] {
    const lines: Line[] = [];
    const first = this.#bandAt(top);
    if (!first) return lines;
    for (let at = this.#bands.indexOf(first); at < this.#bands.length; at++) {
      const band = this.#bands[at];
      if (!band || band.top > bottom) break;
      lines.push(...this.#linesOf(band, top, bottom));
    }
    return lines;
  }

  #linesOf(band: Band, top: number, bottom: number): Line[] {
    const begin = band.top + this.#options.heading;
    const firstRow = Math.max(0, Math.floor((top - begin) / this.#pitch));
    const lastRow = Math.min(band.rows - 1, Math.floor((bottom - begin) / this.#pitch));
    const lines: Line[] = [];
    if (begin > top) lines.push(this.#headingLine(band));
    for (let row = firstRow; row <= lastRow; row++) lines.push(this.#photoLine(band, row));
    return lines;
  }

  #headingLine({ row, top, sections }: Band): Line {
    return this.#kept({ kind: 'headings', row, top, sections });
  }

  #photoLine(band: Band, row: number): PhotoLine {
    return this.#kept({
      kind: 'photos',
      row: band.row + 1 + row,
      top: band.top + this.#options.heading + row * this.#pitch,
      first: band.first + row * this.columns,
      count: Math.min(this.columns, band.count - row * this.columns),
    });
  }

  #kept<L extends Line>(line: L): L {
    const known = this.#lines.get(line.row);
    if (known) return known as L;
    this.#lines.set(line.row, line);
    return line;
  }

  /** The line that holds a photo. */
  lineOf(index: number): PhotoLine | undefined {
    const band = findLast(this.#bands, ({ first }) => first <= index);
    if (!band || index >= this.total) return undefined;
    return this.#photoLine(band, Math.floor((index - band.first) / this.columns));
  }

  /** Whether headings stand right above the line of a photo. */
  isBelowHeadings(line: PhotoLine): boolean {
    return findLast(this.#bands, ({ first }) => first <= line.first)?.row === line.row - 1;
  }

  /** The photo above (-1) or below (1), in the same column or the line's last; itself at either end. */
  vertical(index: number, by: -1 | 1): number {
    const line = this.lineOf(index);
    if (!line) return index;
    const next = this.lineOf(by < 0 ? line.first - 1 : line.first + line.count);
    return next ? next.first + Math.min(index - line.first, next.count - 1) : index;
  }

  /** About `height` pixels further, in the same column. */
  page(index: number, height: number, by: -1 | 1): number {
    const steps = Math.max(1, Math.floor(height / this.#pitch));
    let at = index;
    for (let step = 0; step < steps; step++) at = this.vertical(at, by);
    return at;
  }

  /** Every photo whose tile meets the rectangle, as spans of [first, end). */
  spansIn(rect: Rect): [number, number][] {
    const from = Math.max(0, Math.ceil((rect.left - this.side) / this.#pitch));
    const to = Math.min(this.columns - 1, Math.floor(rect.right / this.#pitch));
    const spans: [number, number][] = [];
    for (const line of this.linesBetween(rect.top, rect.bottom)) {
      if (line.kind !== 'photos' || line.top + this.side < rect.top) continue;
      const end = line.first + Math.min(to + 1, line.count);
      if (line.first + from < end) spans.push([line.first + from, end]);
    }
    return spans;
  }
}

/** Last element that meets a condition which holds for a beginning of the list. */
function findLast<T>(list: readonly T[], holds: (item: T) => boolean): T | undefined {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = list[middle];
    if (item !== undefined && holds(item)) low = middle + 1;
    else high = middle;
  }
  return list[low - 1];
}

/** A mark of the scrubber. */
export interface YearMark {
  /** `null`: without a date. */
  year: string | null;
  /** Top of its first month in pixels. */
  top: number;
}

export function yearMarks(sections: readonly Section[]): YearMark[] {
  const marks: YearMark[] = [];
  for (const { month, top } of sections) {
    const year = month?.slice(0, 4) ?? null;
    const last = marks.at(-1);
    if (last?.year === year && last !== undefined) continue;
    // Years that share a line: the first is marked.
    if (last?.top !== top) marks.push({ year, top });
  }
  return marks;
}
