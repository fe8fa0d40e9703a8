import type { MenuItemConstructorOptions } from 'electron';
import type { ApiEvent } from '../../contract/api.ts';
import type { Labels } from './labels.ts';

export type Command = Extract<ApiEvent, { kind: 'command' }>['command'];
type Item = MenuItemConstructorOptions;

export interface MenuOptions {
  labels: Labels;
  /** `process.platform`. */
  platform: string;
  /** Shows the browser's developer tools. */
  development: boolean;
  onCommand: (command: Command) => void;
}

const SEPARATOR: Item = { type: 'separator' };

/** The application's menu: what needs a window's state is a command to the interface, the rest Electron's roles. */
export function menuTemplate(options: MenuOptions): Item[] {
  const menus = [
    fileMenu(options),
    editMenu(options),
    viewMenu(options),
    windowMenu(options),
    helpMenu(options),
  ];
  return options.platform === 'darwin' ? [appMenu(options), ...menus] : menus;
}

function appMenu(options: MenuOptions): Item {
  const { labels } = options;
  return {
    label: 'Heirloom',
    submenu: [
      { role: 'about', label: labels.about },
      SEPARATOR,
      settingsItem(options),
      SEPARATOR,
      { role: 'services', label: labels.services },
      SEPARATOR,
      { role: 'hide', label: labels.hide },
      { role: 'hideOthers', label: labels.hideOthers },
      { role: 'unhide', label: labels.unhide },
      SEPARATOR,
      { role: 'quit', label: labels.quit },
    ],
  };
}

function fileMenu(options: MenuOptions): Item {
  const { labels, platform } = options;
  const importItem = commandItem(options, 'import', labels.import, 'CmdOrCtrl+O');
  if (platform === 'darwin')
    return {
      label: labels.file,
      submenu: [importItem, recentMenu(labels), SEPARATOR, { role: 'close', label: labels.close }],
    };
  return {
    label: labels.file,
    submenu: [importItem, SEPARATOR, settingsItem(options), SEPARATOR, { role: 'quit', label: labels.quit }],
  };
}

/** macOS fills it; Windows shows recent documents at the task bar's icon. */
function recentMenu(labels: Labels): Item {
  return {
    role: 'recentDocuments',
    label: labels.recent,
    submenu: [{ role: 'clearRecentDocuments', label: labels.clearRecent }],
  };
}

function editMenu(options: MenuOptions): Item {
  const { labels } = options;
  return {
    label: labels.edit,
    submenu: [
      shownItem(options, 'undo', labels.undo, 'CmdOrCtrl+Z'),
      shownItem(options, 'redo', labels.redo, 'CmdOrCtrl+Shift+Z'),
      SEPARATOR,
      { role: 'cut', label: labels.cut },
      { role: 'copy', label: labels.copy },
      { role: 'paste', label: labels.paste },
      shownItem(options, 'select-all', labels.selectAll, 'CmdOrCtrl+A'),
    ],
  };
}

function viewMenu(options: MenuOptions): Item {
  const { labels, development } = options;
  const tools: Item[] = development ? [SEPARATOR, { role: 'toggleDevTools' }] : [];
  return {
    label: labels.view,
    submenu: [
      commandItem(options, 'library', labels.library, 'CmdOrCtrl+1'),
      commandItem(options, 'queue', labels.queue, 'CmdOrCtrl+2'),
      commandItem(options, 'search', labels.search, 'CmdOrCtrl+F'),
      SEPARATOR,
      { role: 'resetZoom', label: labels.actualSize },
      { role: 'zoomIn', label: labels.zoomIn },
      { role: 'zoomOut', label: labels.zoomOut },
      SEPARATOR,
      { role: 'togglefullscreen', label: labels.fullScreen },
      ...tools,
    ],
  };
}

function windowMenu({ labels }: MenuOptions): Item {
  return {
    label: labels.window,
    role: 'window',
    submenu: [
      { role: 'minimize', label: labels.minimise },
      { role: 'close', label: labels.close },
    ],
  };
}

function helpMenu(options: MenuOptions): Item {
  const { labels, platform } = options;
  const about: Item[] = platform === 'darwin' ? [] : [SEPARATOR, { role: 'about', label: labels.about }];
  return {
    label: labels.help,
    role: 'help',
    submenu: [commandItem(options, 'shortcuts', labels.shortcuts, 'CmdOrCtrl+/'), ...about],
  };
}

function settingsItem(options: MenuOptions): Item {
  return commandItem(options, 'settings', options.labels.settings, 'CmdOrCtrl+,');
}

function commandItem(options: MenuOptions, command: Command, label: string, accelerator: string): Item {
  return { label, accelerator, click: () => options.onCommand(command) };
}

/**
 * The key is shown, and left to the interface: in a text field it belongs to the field. macOS has no such items and
 * always sends the command; the interface then gives it to the field that has the focus.
 */
function shownItem(options: MenuOptions, command: Command, label: string, accelerator: string): Item {
  return { ...commandItem(options, command, label, accelerator), registerAccelerator: false };
}
