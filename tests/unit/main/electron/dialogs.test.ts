import type { BrowserWindow as ElectronWindow } from 'electron';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { pickFiles, pickFolder } from '../../../../main/electron/dialogs.ts';
import { labelsFor } from '../../../../main/electron/labels.ts';
import { BrowserWindow, dialog, resetElectron } from './electron-stand-in.ts';

vi.mock('electron', () => import('./electron-stand-in.ts'));

describe('dialogs', () => {
  const labels = labelsFor('de', []);
  let window: ElectronWindow;
  beforeEach(() => {
    resetElectron();
    window = new BrowserWindow({}) as unknown as ElectronWindow;
  });

  function choose(filePaths: string[], canceled = false): void {
    dialog.showOpenDialog.mockResolvedValue({ canceled, filePaths });
  }
  function shown() {
    return dialog.showOpenDialog.mock.calls[0] as [
      unknown,
      { properties: string[]; title: string; filters?: { extensions: string[] }[] },
    ];
  }

  it('pick any number of pictures, over the window', async () => {
    choose(['/a.jpg', '/b.heic']);
    expect(await pickFiles(window, 'photos', labels)).toEqual(['/a.jpg', '/b.heic']);
    const [parent, options] = shown();
    expect(parent).toBe(window);
    expect(options).toMatchObject({ title: 'Fotos wählen', properties: ['openFile', 'multiSelections'] });
    expect(options.filters?.[0]?.extensions).toEqual(expect.arrayContaining(['jpg', 'heic', 'tif']));
  });

  it('pick one picture, or one pack', async () => {
    choose(['/a.jpg']);
    await pickFiles(window, 'photo', labels);
    expect(shown()[1].properties).toEqual(['openFile']);
    dialog.showOpenDialog.mockClear();
    await pickFiles(window, 'pack', labels);
    expect(shown()[1].filters).toEqual([{ name: 'Modellpakete (zip)', extensions: ['zip'] }]);
  });

  it('pick a folder; a new one can be made for an export only', async () => {
    choose(['/photos']);
    expect(await pickFolder(window, 'import', labels)).toBe('/photos');
    expect(shown()[1].properties).toEqual(['openDirectory']);
    dialog.showOpenDialog.mockClear();
    await pickFolder(window, 'pack', labels);
    expect(shown()[1]).toMatchObject({ title: 'Ein Modellpaket wählen', properties: ['openDirectory'] });
    dialog.showOpenDialog.mockClear();
    await pickFolder(window, 'export', labels);
    expect(shown()[1].properties).toEqual(['openDirectory', 'createDirectory']);
  });

  it('answer nothing where the person cancelled', async () => {
    choose(['/left-over.jpg'], true);
    expect(await pickFiles(window, 'photos', labels)).toEqual([]);
    expect(await pickFolder(window, 'export', labels)).toBeNull();
  });
});
