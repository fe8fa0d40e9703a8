/** Answers every id of the timeline in order. */
type Order = () => Promise<readonly number[]>;

/** Chosen photos, and the place in the timeline that has the keyboard. */
export class Selection {
  /** Replaced as a whole: 100,000 at once are one change. */
  #ids = $state.raw<ReadonlySet<number>>(new Set());
  /** Place that the keyboard is at. */
  focus = $state(0);
  /** Where a range begins. */
  #anchor = 0;
  /** What was chosen before the range that is being drawn, so that the range can shrink again. */
  #before: ReadonlySet<number> = new Set();
  #latest = 0;
  readonly #order: Order;

  constructor(order: Order) {
    this.#order = order;
  }

  get count(): number {
    return this.#ids.size;
  }

  get list(): number[] {
    return [...this.#ids];
  }

  has(id: number): boolean {
    return this.#ids.has(id);
  }

  /** Only this one. */
  choose(index: number, id: number): void {
    this.#latest += 1;
    this.#ids = new Set([id]);
    this.#anchorAt(index, new Set());
  }

  /** Adds or takes away this one. */
  toggle(index: number, id: number): void {
    this.#latest += 1;
    const ids = new Set(this.#ids);
    if (!ids.delete(id)) ids.add(id);
    this.#ids = ids;
    this.#anchorAt(index, ids);
  }

  /** Everything from where the range began to here; `added` to what was chosen before. */
  async extend(index: number, added = false): Promise<void> {
    this.focus = index;
    const [first, last] = [Math.min(this.#anchor, index), Math.max(this.#anchor, index)];
    await this.#chooseSpans([[first, last + 1]], added ? this.#before : new Set());
  }

  /** Begins a rectangle; `added` keeps what was chosen. */
  beginArea(added: boolean): void {
    this.#before = added ? this.#ids : new Set();
  }

  /** Spans of places, [first, end), on top of what was there when the rectangle began. */
  async area(spans: readonly (readonly [number, number])[]): Promise<void> {
    await this.#chooseSpans(spans, this.#before);
  }

  async all(): Promise<void> {
    const latest = ++this.#latest;
    const order = await this.#order();
    if (latest === this.#latest) this.#ids = new Set(order);
  }

  clear(): void {
    this.#latest += 1;
    this.#ids = new Set();
    this.#before = new Set();
  }

  /** What is in the timeline no longer is not chosen either. Throws what the timeline throws. */
  async keepKnown(): Promise<void> {
    if (this.#ids.size === 0) return;
    const latest = this.#latest;
    const order = new Set(await this.#order());
    // Another timeline, or another choice: what holds for the older one says nothing.
    if (latest !== this.#latest) return this.keepKnown();
    const known = (ids: ReadonlySet<number>) => new Set([...ids].filter((id) => order.has(id)));
    this.#before = known(this.#before);
    if ([...this.#ids].some((id) => !order.has(id))) this.#ids = known(this.#ids);
  }

  /** Moves the keyboard without choosing anything. */
  moveTo(index: number): void {
    this.focus = index;
    this.#anchor = index;
  }

  #anchorAt(index: number, before: ReadonlySet<number>): void {
    this.focus = index;
    this.#anchor = index;
    this.#before = before;
  }

  async #chooseSpans(
    spans: readonly (readonly [number, number])[],
    before: ReadonlySet<number>,
  ): Promise<void> {
    const latest = ++this.#latest;
    const order = await this.#order();
    // A newer gesture has decided meanwhile.
    if (latest !== this.#latest) return;
    this.#ids = new Set([...before, ...spans.flatMap(([first, end]) => order.slice(first, end))]);
  }
}
