import type { ApiResult } from '../../contract/api.ts';
import { api } from '../api/api.ts';
import { navigation } from './navigation.svelte.ts';
import { settings } from './settings.svelte.ts';
import { undo } from './undo.svelte.ts';

/** The window as a whole: what it talks to, and whether it can. */
class AppState {
  phase = $state<'opening' | 'ready' | 'failed'>('opening');
  /** Why opening failed. */
  error = $state<unknown>(null);
  connected = $state(true);
  /** The connection will not come back to this page. */
  refused = $state(false);
  /** Raised to have the search field take the focus. */
  searchRequests = $state(0);
  #info = $state<ApiResult<'app.info'>>();

  /** Throws before `open` has finished. */
  get info(): ApiResult<'app.info'> {
    if (!this.#info) throw new Error('Expected the application to be open');
    return this.#info;
  }

  /** Reads what every view needs. A newcomer is led to the bundled photo. */
  async open(): Promise<void> {
    this.phase = 'opening';
    try {
      this.#info = await api.call('app.info', {});
      await settings.load();
      await undo.load();
      const welcome = this.#info.welcomePhotoId;
      if (welcome !== null) navigation.go({ name: 'photo', id: welcome });
      this.phase = 'ready';
    } catch (error) {
      this.error = error;
      this.phase = 'failed';
    }
  }

  /** Watches the connection; the answer stops. What changed while it was lost is read again. */
  start(): () => void {
    const stops = [
      api.onRefused(() => void (this.refused = true)),
      api.onConnection((connected) => {
        const back = connected && !this.connected;
        this.connected = connected;
        if (back) void this.#catchUp();
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  async #catchUp(): Promise<void> {
    if (this.phase === 'failed') return this.open();
    // Lost again: then it is read when it is back for good.
    await Promise.all([settings.read(), undo.read()]).catch(() => undefined);
  }

  async refreshInfo(): Promise<void> {
    this.#info = await api.call('app.info', {});
  }

  search(): void {
    navigation.go({ name: 'library' });
    this.searchRequests += 1;
  }
}

export const app = new AppState();
