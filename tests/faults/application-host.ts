/**
 * The application as Electron's shell opens it, without Electron: `node application-host.ts LIBRARY`. Calls and
 * answers come over `fork`'s channel. Ends in order at SIGTERM, and when whoever started it is gone.
 */
import { openApplication } from '../../main/application.ts';

const [libraryFolder = '', flag] = process.argv.slice(2);
const application = await openApplication({
  ...{ libraryFolder, host: 'electron', fromBackup: flag === '--from-backup' },
});

async function leave(): Promise<void> {
  await application.close();
  process.exit(0);
}

process.on('message', (message: { id: number; method: string; params: unknown }) => {
  void application.call(message.method, message.params).then((envelope) => {
    if (process.connected) process.send!({ id: message.id, envelope });
  });
});
process.on('SIGTERM', () => void leave());
process.on('disconnect', () => void leave());
process.send!({ type: 'ready' });
