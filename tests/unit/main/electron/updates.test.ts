import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { labelsFor } from '../../../../main/electron/labels.ts';
import { Updates, type Updater } from '../../../../main/electron/updates.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const LABELS = labelsFor('en', []);

let found: { isUpdateAvailable: boolean; updateInfo: { version: string } } | null;
let answers: number[];
const updater = {
  autoDownload: true,
  autoInstallOnAppQuit: true,
  requestHeaders: null as Record<string, string> | null,
  checkForUpdates: vi.fn(() => Promise.resolve(found)),
  downloadUpdate: vi.fn(() => Promise.resolve(['file'])),
  quitAndInstall: vi.fn(),
};
const loadUpdater = vi.fn(() => Promise.resolve(updater as unknown as Updater));
const ask = vi.fn((_message: string, _detail: string, _buttons: readonly string[]) =>
  Promise.resolve(answers.shift() ?? 1),
);
const closeApplication = vi.fn(() => Promise.resolve());

function updates(platform: NodeJS.Platform = 'win32'): Updates {
  return new Updates({ loadUpdater, labels: () => LABELS, ask, closeApplication, platform });
}
const questions = () => ask.mock.calls.map(([message]) => message);
const settled = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  found = { isUpdateAvailable: true, updateInfo: { version: '2.0.0' } };
  answers = [];
  Object.assign(updater, { autoDownload: true, autoInstallOnAppQuit: true, requestHeaders: null });
});
afterEach(() => vi.useRealTimers());

describe('Updates', () => {
  it('asks nobody anything before a person wants it', async () => {
    updates().want(false);
    await vi.advanceTimersByTimeAsync(3 * DAY_MS);
    expect(loadUpdater).not.toHaveBeenCalled();
  });

  it('looks at once and each day, until it is no longer wanted', async () => {
    found = null;
    const looking = updates();
    looking.want(true);
    looking.want(true);
    await settled();
    expect(updater.checkForUpdates).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(2 * DAY_MS);
    expect(updater.checkForUpdates).toHaveBeenCalledTimes(3);
    looking.want(false);
    await vi.advanceTimersByTimeAsync(5 * DAY_MS);
    expect(updater.checkForUpdates).toHaveBeenCalledTimes(3);
    expect(ask).not.toHaveBeenCalled();
  });

  it('lets electron-updater neither download nor install by itself, nor number this computer', async () => {
    updates().want(true);
    await settled();
    expect(updater).toMatchObject({
      autoDownload: false,
      autoInstallOnAppQuit: false,
      requestHeaders: { 'x-user-staging-id': '' },
    });
  });

  it('downloads nothing that was declined, and does not ask for the same version again', async () => {
    answers = [1];
    updates().want(true);
    await vi.advanceTimersByTimeAsync(2 * DAY_MS);
    expect(questions()).toEqual(['Heirloom 2.0.0 is out.']);
    expect(updater.downloadUpdate).not.toHaveBeenCalled();
    found = { isUpdateAvailable: true, updateInfo: { version: '2.1.0' } };
    await vi.advanceTimersByTimeAsync(DAY_MS);
    expect(questions()).toEqual(['Heirloom 2.0.0 is out.', 'Heirloom 2.1.0 is out.']);
  });

  it('installs after a second yes, once the library is closed', async () => {
    answers = [0, 0];
    closeApplication.mockImplementation(() => {
      expect(updater.quitAndInstall).not.toHaveBeenCalled();
      return Promise.resolve();
    });
    updates('darwin').want(true);
    await settled();
    expect(questions()).toEqual(['Heirloom 2.0.0 is out.', 'Heirloom 2.0.0 is ready.']);
    expect(closeApplication).toHaveBeenCalledOnce();
    expect(updater.quitAndInstall).toHaveBeenCalledOnce();
  });

  it('leaves a download alone that is not to be installed now', async () => {
    answers = [0, 1];
    updates().want(true);
    await settled();
    expect(updater.downloadUpdate).toHaveBeenCalledOnce();
    expect(closeApplication).not.toHaveBeenCalled();
    expect(updater.quitAndInstall).not.toHaveBeenCalled();
  });

  it('says that a download failed, and goes on looking', async () => {
    answers = [0, 0];
    updater.downloadUpdate.mockRejectedValueOnce(
      new Error('New version is not signed by the application owner'),
    );
    updates().want(true);
    await settled();
    expect(ask.mock.lastCall).toEqual([
      'The new version could not be downloaded.',
      'New version is not signed by the application owner',
      ['OK'],
    ]);
    expect(updater.quitAndInstall).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(DAY_MS);
    expect(updater.checkForUpdates).toHaveBeenCalledTimes(2);
  });

  it('only says so on Linux, where nothing would check who made the new version', async () => {
    answers = [0];
    updates('linux').want(true);
    await settled();
    expect(ask.mock.calls).toEqual([['Heirloom 2.0.0 is out.', LABELS.updateByHand, ['OK']]]);
    expect(updater.downloadUpdate).not.toHaveBeenCalled();
  });

  it('passes over what cannot be looked up, and tries again the next day', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    updater.checkForUpdates.mockRejectedValueOnce(new Error('net::ERR_INTERNET_DISCONNECTED'));
    updates().want(true);
    await settled();
    expect(ask).not.toHaveBeenCalled();
    expect(log).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(DAY_MS);
    expect(questions()).toEqual(['Heirloom 2.0.0 is out.']);
  });

  it('says nothing where it was switched off meanwhile, nor where nothing is newer', async () => {
    const looking = updates();
    looking.want(true);
    looking.want(false);
    await settled();
    found = { isUpdateAvailable: false, updateInfo: { version: '1.0.0' } };
    looking.want(true);
    await settled();
    expect(updater.checkForUpdates).toHaveBeenCalledTimes(2);
    expect(ask).not.toHaveBeenCalled();
  });

  it('has its texts in every language', () => {
    for (const language of ['en', 'de', 'es', 'ar'] as const) {
      const { updateFound, updateReady } = labelsFor(language, []);
      expect(updateFound).toContain('{version}');
      expect(updateReady).toContain('{version}');
    }
  });
});
