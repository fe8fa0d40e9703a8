import { describe, expect, it } from 'vitest';
import { apiEventSchema } from '../../../../contract/api.ts';
import { labelsFor } from '../../../../main/electron/labels.ts';
import { menuTemplate, type Command } from '../../../../main/electron/menu.ts';
import type { MenuItem } from './electron-stand-in.ts';

function open(platform: string, development = false) {
  const commands: Command[] = [];
  const template = menuTemplate({
    labels: labelsFor('en', []),
    platform,
    development,
    onCommand: (command) => commands.push(command),
  }) as MenuItem[];
  return { template, commands, items: template.flatMap((menu) => menu.submenu ?? []) };
}

describe('menuTemplate', () => {
  it.each(['linux', 'win32', 'darwin'])('offers every command of the contract on %s', (platform) => {
    const { items, commands } = open(platform);
    for (const item of items) item.click?.();
    const known = commands.every((command) => apiEventSchema.safeParse({ kind: 'command', command }).success);
    expect(known).toBe(true);
    expect([...commands].sort()).toEqual(
      ['import', 'library', 'queue', 'redo', 'search', 'select-all', 'settings', 'shortcuts', 'undo'].sort(),
    );
  });

  it.each(['linux', 'darwin'])('gives each key to one item on %s', (platform) => {
    const keys = open(platform).items.flatMap((item) => item.accelerator ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('leaves the keys of text fields to the page', () => {
    const left = open('linux').items.filter((item) => item.registerAccelerator === false);
    expect(left.map((item) => item.accelerator)).toEqual(['CmdOrCtrl+Z', 'CmdOrCtrl+Shift+Z', 'CmdOrCtrl+A']);
  });

  it('has the application menu and recent documents of macOS there only', () => {
    const mac = open('darwin');
    expect(mac.template[0]?.label).toBe('Heirloom');
    expect(mac.items.map((item) => item.role)).toContain('recentDocuments');
    const linux = open('linux');
    expect(linux.template[0]?.label).toBe('File');
    expect(linux.items.map((item) => item.role)).not.toContain('recentDocuments');
    expect(linux.items.map((item) => item.role)).toContain('about');
  });

  it('has developer tools in development only', () => {
    expect(open('linux').items.map((item) => item.role)).not.toContain('toggleDevTools');
    expect(open('linux', true).items.map((item) => item.role)).toContain('toggleDevTools');
  });

  it('labels every item that is no separator', () => {
    const nameless = open('darwin').items.filter(
      (item) => !item.label && (item as { type?: string }).type !== 'separator',
    );
    expect(nameless).toEqual([]);
  });
});
