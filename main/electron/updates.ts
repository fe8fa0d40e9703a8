import type { AppUpdater } from 'electron-updater';
import { toErrorEnvelope } from '../../contract/errors.ts';
import type { Labels } from './labels.ts';

/** What is used of electron-updater's `autoUpdater`. */
export type Updater = Pick<AppUpdater, 'checkForUpdates' | 'downloadUpdate' | 'quitAndInstall'> &
  Partial<AppUpdater>;

export interface UpdatesOptions {
  /** Loads electron-updater; called when a person wants to know for the first time. */
  loadUpdater: () => Promise<Updater>;
  labels: () => Labels;
  /** Shows a question with these buttons; the answer is the number of one, the last one where it was closed. */
  ask: (message: string, detail: string, buttons: readonly string[]) => Promise<number>;
  /** Ends the library and its engines, so that a new version finds nothing in use. */
  closeApplication: () => Promise<void>;
  /** `process.platform`. */
  platform: NodeJS.Platform;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const FIRST_BUTTON = 0;

/**
 * Looks for new versions while a person wants that: at once, then each day. It asks before it downloads, and again
 * before it installs; a version that was declined is not named again before the next start. What cannot be looked up
 * (no network, for one) is passed over in silence, as nobody asked at this moment.
 *
 * Windows and macOS check that a new version was signed by the same name. Linux has no such check, so there Heirloom
 * says that there is a new version, and downloads nothing.
 */
export class Updates {
  readonly #options: UpdatesOptions;
  readonly #named = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #updater: Promise<Updater> | undefined;

  constructor(options: UpdatesOptions) {
    this.#options = options;
  }

  /** Takes the setting; the same again changes nothing. */
  want(wanted: boolean): void {
    if (wanted === (this.#timer !== undefined)) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (!wanted) return;
    this.#timer = setInterval(() => void this.#look(), DAY_MS).unref();
    void this.#look();
  }

  async #look(): Promise<void> {
    try {
      const updater = await (this.#updater ??= this.#prepare());
      const found = await updater.checkForUpdates();
      const version = found?.isUpdateAvailable ? found.updateInfo.version : undefined;
      if (version === undefined || this.#named.has(version) || this.#timer === undefined) return;
      this.#named.add(version);
      await this.#offer(updater, version);
    } catch (error) {
      console.error(error);
    }
  }

  async #prepare(): Promise<Updater> {
    const updater = await this.#options.loadUpdater();
    return Object.assign(updater, {
      autoDownload: false,
      autoInstallOnAppQuit: false,
      allowDowngrade: false,
      disableWebInstaller: true,
      // Otherwise each question would carry a number of its own for this computer.
      requestHeaders: { 'x-user-staging-id': '' },
      logger: null,
    });
  }

  async #offer(updater: Updater, version: string): Promise<void> {
    const { ask, platform, closeApplication } = this.#options;
    const labels = this.#options.labels();
    const named = (text: string) => text.replace('{version}', version);
    if (platform === 'linux') {
      await ask(named(labels.updateFound), labels.updateByHand, [labels.updateUnderstood]);
      return;
    }
    const wanted = await ask(named(labels.updateFound), labels.updateAsk, [
      labels.updateDownload,
      labels.updateLater,
    ]);
    if (wanted !== FIRST_BUTTON) return;
    if (!(await this.#downloaded(updater))) return;
    const install = await ask(named(labels.updateReady), labels.updateInstallAsk, [
      labels.updateInstall,
      labels.updateLater,
    ]);
    if (install !== FIRST_BUTTON) return;
    await closeApplication();
    updater.quitAndInstall();
  }

  /** Whoever asked for it hears that it failed. */
  async #downloaded(updater: Updater): Promise<boolean> {
    try {
      await updater.downloadUpdate();
      return true;
    } catch (error) {
      const { ask, labels } = this.#options;
      await ask(labels().updateFailed, toErrorEnvelope(error).message, [labels().updateUnderstood]);
      return false;
    }
  }
}
