import { afterAll } from 'vitest';

// What jsdom has not and the interface uses.
if (!('scrollIntoView' in Element.prototype)) Object.assign(Element.prototype, { scrollIntoView: () => {} });
if (!('scrollTo' in Element.prototype)) Object.assign(Element.prototype, { scrollTo: () => {} });
globalThis.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};

// Files share a window: each leaves it empty for the next.
afterAll(() => {
  document.body.replaceChildren();
  localStorage.clear();
  sessionStorage.clear();
});

// Every tooltip and menu asks for `body`, and jsdom goes through the whole document for it.
if (!Object.hasOwn(document, 'querySelector')) {
  const querySelector = document.querySelector.bind(document);
  document.querySelector = (selectors: string) =>
    selectors === 'body' ? document.body : querySelector(selectors);
}
