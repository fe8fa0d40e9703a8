/** Compares names as people count: `photo 2` before `photo 10`, whatever their case. */
export const { compare: naturalOrder } = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
