import { choose, expect, openPhoto, photoId, test, type Server } from './heirloom.ts';

const PHOTO = 'couple-1968.jpg';
const stored = async (server: Server) => server.call('photos.get', { id: await photoId(server, PHOTO) });
const captionOf = (server: Server) => async () => (await stored(server)).caption;

test('a caption that is being written is kept on the way back, with the browser and by reloading', async ({
  heirloom,
  server,
}) => {
  await openPhoto(heirloom, PHOTO);
  await choose(heirloom, 'Photo panel', 'Details');
  const caption = heirloom.getByRole('textbox', { name: 'Caption' });
  await caption.fill('At the lake');
  await heirloom.goBack();
  await expect(heirloom.getByRole('gridcell', { name: PHOTO })).toBeVisible();
  await expect.poll(captionOf(server)).toBe('At the lake');

  await openPhoto(heirloom, PHOTO);
  await choose(heirloom, 'Photo panel', 'Details');
  await caption.fill('At the lake, 1968');
  await heirloom.reload();
  await expect.poll(captionOf(server)).toBe('At the lake, 1968');
});

test('a name that is being written is kept on the way back', async ({ heirloom, server }) => {
  await openPhoto(heirloom, PHOTO);
  await choose(heirloom, 'Photo panel', 'Faces');
  await heirloom.getByPlaceholder('Who is this?').first().fill('Anna');
  await heirloom.goBack();
  const names = async () => (await stored(server)).faces.map(({ person }) => person?.name);
  await expect.poll(names).toContain('Anna');
});
