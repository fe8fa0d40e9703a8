import { expect, it } from 'vitest';
import { browserCommand } from '../../../../main/browser/open-browser.ts';

const ADDRESS = 'http://127.0.0.1:1/?token=a&b';

it('asks each system in its own way', () => {
  expect(browserCommand(ADDRESS, 'darwin', {})).toEqual(['open', ADDRESS]);
  expect(browserCommand(ADDRESS, 'linux', { DISPLAY: ':0' })).toEqual(['xdg-open', ADDRESS]);
  expect(browserCommand(ADDRESS, 'win32', {})?.slice(0, 4)).toEqual(['cmd', '/c', 'start', '']);
  expect(browserCommand(ADDRESS, 'win32', {})?.[4]).toContain('^&');
});

it('opens nothing where there is no screen', () => {
  expect(browserCommand(ADDRESS, 'linux', {})).toBeNull();
});
