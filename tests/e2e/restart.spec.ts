import { expect, test } from './heirloom.ts';

test('a page that outlives its server is told to open the new address, and no longer tries', async ({
  heirloom,
  server,
  start,
}) => {
  await expect(heirloom.getByRole('gridcell').first()).toBeVisible();
  await server.stop('SIGKILL');
  await expect(heirloom.getByText('Connecting again')).toBeVisible();
  const again = await start(server.library, new URL(server.address).port);
  await expect(heirloom.getByText('The token is missing or old. Open the address')).toBeVisible();
  await expect(heirloom.getByText('Connecting again')).toBeHidden();
  await heirloom.goto(again.address);
  await expect(heirloom.getByRole('gridcell').first()).toBeVisible();
  await expect(heirloom.getByText('The token is missing or old')).toBeHidden();
});
