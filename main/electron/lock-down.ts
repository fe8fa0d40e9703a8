import { app, session, type WebContents } from 'electron';
import { INTERFACE_ORIGIN } from '../../contract/bridge.ts';

/** What the interface may ask of the browser; everything else is refused unasked. */
const PERMISSIONS: ReadonlySet<string> = new Set([
  'notifications',
  'fullscreen',
  'clipboard-sanitized-write',
]);
const NETWORK = { urls: ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*'] };

interface Frame {
  readonly url: string;
  readonly parent: unknown;
}

function isInterfaceUrl(url: string): boolean {
  return url === INTERFACE_ORIGIN || url.startsWith(`${INTERFACE_ORIGIN}/`);
}

/** The window's own page: not a frame inside of it, not a page of elsewhere, not a frame that is gone. */
export function isInterface(frame: Frame | null): boolean {
  return frame !== null && frame.parent === null && isInterfaceUrl(frame.url);
}

/**
 * No page leaves the interface, opens a window, embeds another page, asks for a device, or reaches the network.
 * To be called once the app is ready and before the first window.
 */
export function lockDown(): void {
  app.on('web-contents-created', (_, contents) => confine(contents));
  refusePermissions();
  session.defaultSession.webRequest.onBeforeRequest(NETWORK, (_, answer) => answer({ cancel: true }));
}

function confine(contents: WebContents): void {
  contents.on('will-frame-navigate', (details) => {
    if (!details.isMainFrame || !isInterfaceUrl(details.url)) details.preventDefault();
  });
  contents.on('will-redirect', (details) => details.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

function refusePermissions(): void {
  const own = session.defaultSession;
  own.setPermissionRequestHandler((contents, permission, answer, { requestingUrl }) =>
    answer(PERMISSIONS.has(permission) && isInterfaceUrl(requestingUrl) && isInterfaceUrl(contents.getURL())),
  );
  own.setPermissionCheckHandler(
    (_, permission, origin) => PERMISSIONS.has(permission) && isInterfaceUrl(origin),
  );
  own.setDevicePermissionHandler(() => false);
}
