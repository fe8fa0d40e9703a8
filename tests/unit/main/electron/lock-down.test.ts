import { beforeEach, describe, expect, it, vi } from 'vitest';
import { isInterface, lockDown } from '../../../../main/electron/lock-down.ts';
import { app, resetElectron, session, WebContentsStandIn } from './electron-stand-in.ts';

vi.mock('electron', () => import('./electron-stand-in.ts'));

describe('isInterface', () => {
  it('is the main frame of the interface', () => {
    expect(isInterface({ url: 'heirloom://app/index.html#/photo/1', parent: null })).toBe(true);
  });
  it.each([
    [null],
    [{ url: 'heirloom://app/index.html', parent: {} }],
    [{ url: 'https://example.com/', parent: null }],
    [{ url: 'heirloom://picture/photo/1/large', parent: null }],
    [{ url: 'heirloom://app.example.com/', parent: null }],
    [{ url: 'about:blank', parent: null }],
    [{ url: '', parent: null }],
  ])('is not %j', (frame) => expect(isInterface(frame)).toBe(false));
});

describe('lockDown', () => {
  let contents: WebContentsStandIn;
  beforeEach(() => {
    resetElectron();
    lockDown();
    contents = new WebContentsStandIn();
    app.emit('web-contents-created', {}, contents);
  });

  function isPrevented(name: string, details: object = {}): boolean {
    const event = { ...details, preventDefault: vi.fn() };
    contents.emit(name, event);
    return event.preventDefault.mock.calls.length > 0;
  }

  it('keeps the page on the interface, which may be loaded again', () => {
    expect(isPrevented('will-frame-navigate', { url: 'heirloom://app/index.html', isMainFrame: true })).toBe(
      false,
    );
    for (const url of [
      'https://example.com/',
      'file:///etc/passwd',
      'heirloom://picture/face/1',
      'data:text/html,x',
    ])
      expect(isPrevented('will-frame-navigate', { url, isMainFrame: true })).toBe(true);
  });

  it('lets no frame inside the page go anywhere', () => {
    expect(isPrevented('will-frame-navigate', { url: 'heirloom://app/index.html', isMainFrame: false })).toBe(
      true,
    );
  });

  it('refuses redirects, embedded pages and windows', () => {
    expect(isPrevented('will-redirect')).toBe(true);
    expect(isPrevented('will-attach-webview')).toBe(true);
    expect(contents.windowOpenHandler({ url: 'heirloom://app/index.html' })).toEqual({ action: 'deny' });
  });

  function isGranted(
    permission: string,
    requestingUrl: string,
    pageUrl = 'heirloom://app/index.html',
  ): boolean {
    contents.url = pageUrl;
    const answer = vi.fn<(granted: boolean) => void>();
    session.defaultSession.askPermission?.(contents, permission, answer, { requestingUrl });
    return answer.mock.calls[0]?.[0] ?? false;
  }

  it('grants notifications to the interface', () => {
    expect(isGranted('notifications', 'heirloom://app/index.html')).toBe(true);
    expect(session.defaultSession.checkPermission?.(null, 'notifications', 'heirloom://app')).toBe(true);
    expect(session.defaultSession.checkPermission?.(null, 'notifications', 'heirloom://app/')).toBe(true);
  });

  it('refuses every device and every other page', () => {
    for (const permission of ['media', 'geolocation', 'clipboard-read', 'hid', 'openExternal', 'unknown']) {
      expect(isGranted(permission, 'heirloom://app/index.html')).toBe(false);
      expect(session.defaultSession.checkPermission?.(null, permission, 'heirloom://app')).toBe(false);
    }
    expect(isGranted('notifications', 'https://example.com/')).toBe(false);
    expect(isGranted('notifications', 'heirloom://app/index.html', 'https://example.com/')).toBe(false);
    expect(session.defaultSession.checkPermission?.(null, 'notifications', 'https://example.com')).toBe(
      false,
    );
    expect(session.defaultSession.devices?.()).toBe(false);
  });

  it('cancels every request to the network', () => {
    const [filter, listener] = session.defaultSession.webRequest.onBeforeRequest.mock.calls[0] as [
      { urls: string[] },
      (details: object, answer: (response: { cancel: boolean }) => void) => void,
    ];
    expect(filter.urls).toEqual(
      expect.arrayContaining(['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*']),
    );
    const answer = vi.fn();
    listener({}, answer);
    expect(answer).toHaveBeenCalledWith({ cancel: true });
  });
});
