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
  /** Height of a month's heading. */
  heading: number;
}

export interface Section extends MonthCount {
  /** Place in `sections`. */
  order: number;
  /** Index of its first photo in the whole timeline. */
  first: number;
  /** Top of its heading in pixels. */
  top: number;
  rows: number;
  /** Row number of its heading among all rows, from 0; its photo rows follow. */
  row: number;
}

/** A line of the grid: a month's heading or up to `columns` photos. */
export interface Line {
  kind: 'heading' | 'photos';
  section: Section;
  /** Among all lines, from 0. */
  row: number;
  top: number;
  /** Of the first photo in the whole timeline; the section's first for a heading. */
  first: number;
  count: number;
}

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
  readonly rowCount: number;
  readonly height: number;
  readonly #options: LayoutOptions;

  constructor(months: readonly MonthCount[], options: LayoutOptions) {
    const { width, tile, gap } = options;
    this.#options = options;
    this.columns = Math.max(1, Math.floor((width + gap) / (tile + gap)));
    this.side = Math.max(1, (width - (this.columns - 1) * gap) / this.columns);
    this.sections = this.#place(months);
    const last = this.sections.at(-1);
    this.total = last ? last.first + last.count : 0;
    this.rowCount = last ? last.row + 1 + last.rows : 0;
    this.height = last ? this.#bottom(last) : 0;
  }

  #place(months: readonly MonthCount[]): Section[] {
    const sections: Section[] = [];
    let [first, top, row] = [0, 0, 0];
    for (const { month, count } of months) {
      const rows = Math.ceil(count / this.columns);
      const section = { month, count, order: sections.length, first, top, rows, row };
      sections.push(section);
      first += count;
      row += rows + 1;
      top = this.#bottom(section);
    }
    return sections;
  }

  #bottom(section: Section): number {
    return section.top + this.#options.heading + section.rows * (this.side + this.#options.gap);
  }

  /** The month that a photo belongs to. */
  sectionOf(index: number): Section | undefined {
    return findLast(this.sections, (section) => section.first <= index);
  }

  sectionAt(y: number): Section | undefined {
    return findLast(this.sections, (section) => section.top <= y) ?? this.sections[0];
  }

  /** The lines that lie between two heights. */
  linesBetween(top: number, bottom: number): Line[] {
    const lines: Line[] = [];
    const from = this.sectionAt(top)?.order ?? 0;
    for (const section of this.sections.slice(from)) {
      if (section.top > bottom) break;
      lines.push(...this.#linesOf(section, top, bottom));
    }
    return lines;
  }

  #linesOf(section: Section, top: number, bottom: number): Line[] {
    const { heading, gap } = this.#options;
    const begin = section.top + heading;
    const pitch = this.side + gap;
    const firstRow = Math.max(0, Math.floor((top - begin) / pitch));
    const lastRow = Math.min(section.rows - 1, Math.floor((bottom - begin) / pitch));
    const lines = begin > top ? [this.#headingOf(section)] : [];
    for (let row = firstRow; row <= lastRow; row++) lines.push(this.#photoLine(section, row));
    return lines;
  }

  #headingOf(section: Section): Line {
    const { row, top, first, count } = section;
    return { kind: 'heading', section, row, top, first, count };
  }

  #photoLine(section: Section, row: number): Line {
    const { heading, gap } = this.#options;
    return {
      kind: 'photos',
      section,
      row: section.row + 1 + row,
      top: section.top + heading + row * (this.side + gap),
      first: section.first + row * this.columns,
      count: Math.min(this.columns, section.count - row * this.columns),
    };
  }

  /** The line that holds a photo. */
  lineOf(index: number): Line | undefined {
    const section = this.sectionOf(index);
    if (!section || index >= this.total || index < 0) return undefined;
    return this.#photoLine(section, Math.floor((index - section.first) / this.columns));
  }

  /** The photo above (-1) or below (1), in the same column or the line's last; itself at either end. */
  vertical(index: number, by: -1 | 1): number {
    const line = this.lineOf(index);
    if (!line) return index;
    const next = this.#neighbourLine(line, by);
    return next ? next.first + Math.min(index - line.first, next.count - 1) : index;
  }

  #neighbourLine(line: Line, by: -1 | 1): Line | undefined {
    const edge = by < 0 ? line.first - 1 : line.first + line.count;
    return this.lineOf(edge);
  }

  /** About `height` pixels further, in the same column. */
  page(index: number, height: number, by: -1 | 1): number {
    const steps = Math.max(1, Math.floor(height / (this.side + this.#options.gap)));
    let at = index;
    for (let step = 0; step < steps; step++) at = this.vertical(at, by);
    return at;
  }

  /** Every photo whose tile meets the rectangle, as spans of [first, end). */
  spansIn(rect: Rect): [number, number][] {
    const pitch = this.side + this.#options.gap;
    const from = Math.max(0, Math.ceil((rect.left - this.side) / pitch));
    const to = Math.min(this.columns - 1, Math.floor(rect.right / pitch));
    const lines = this.linesBetween(rect.top, rect.bottom).filter(
      (line) => line.kind === 'photos' && line.top + this.side >= rect.top,
    );
    return lines
      .map((line): [number, number] => [line.first + from, line.first + Math.min(to + 1, line.count)])
      .filter(([first, end]) => first < end);
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
    if (marks.at(-1)?.year !== year || marks.length === 0) marks.push({ year, top });
  }
  return marks;
}
