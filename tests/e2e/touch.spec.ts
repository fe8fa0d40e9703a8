import type { Locator, Page } from '@playwright/test';
import { expect, openPhoto, photoId, queueDone, test } from './heirloom.ts';

const PHOTO = 'portrait-1938.jpg';

test.use({ hasTouch: true });

interface Finger {
  x: number;
  y: number;
}

/** Fingers on the glass, as the screen reports them: each goes from its first place to its last one. */
async function glide(page: Page, paths: readonly (readonly [Finger, Finger])[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const at = (part: number) =>
    paths.map(([from, to], id) => ({
      x: from.x + part * (to.x - from.x),
      y: from.y + part * (to.y - from.y),
      id,
    }));
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(0) });
  for (let step = 1; step <= 8; step++)
    await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(step / 8) });
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await session.detach();
}

async function centreOf(element: Locator): Promise<Finger> {
  const box = await element.boundingBox();
  if (!box) throw new Error('Expected an element that is seen');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

test('fingers move the split, zoom the photo, and hold it to peek', async ({ heirloom, server }) => {
  const id = await photoId(server, PHOTO);
  await server.call('restore.enqueue', { photoIds: [id], settings: { speed: 'draft' } });
  await queueDone(server);
  await openPhoto(heirloom, PHOTO);

  const slider = heirloom.getByRole('slider', { name: /^Split between/ });
  await expect(slider).toHaveAttribute('aria-valuenow', '50');
  const grip = await centreOf(slider);
  await glide(heirloom, [[grip, { x: grip.x - 120, y: grip.y + 10 }]]);
  await expect.poll(async () => Number(await slider.getAttribute('aria-valuenow'))).toBeLessThan(40);

  // Two fingers apart: three times as large; the split stays where it was.
  const stage = heirloom.locator('[data-stage]');
  const zoom = heirloom.getByRole('group', { name: 'View' });
  const before = await zoom.textContent();
  const middle = await centreOf(stage);
  const finger = (dx: number, dy: number) => ({ x: middle.x + dx, y: middle.y + dy });
  await glide(heirloom, [
    [finger(60, -40), finger(180, -120)],
    [finger(60, 40), finger(180, 120)],
  ]);
  await expect(zoom).not.toHaveText(before ?? '');
  await expect(stage).toHaveClass(/movable/);

  // Two fingers together: all of it again.
  await glide(heirloom, [
    [finger(150, -150), finger(60, -5)],
    [finger(150, 150), finger(60, 5)],
  ]);
  await expect(stage).not.toHaveClass(/movable/);

  await heirloom.getByRole('radio', { name: 'Hold to peek' }).check({ force: true });
  const hold = heirloom.getByRole('button', { name: /^Hold to see: Original/ });
  const session = await heirloom.context().newCDPSession(heirloom);
  const touchPoints = [{ ...(await centreOf(hold)), id: 0 }];
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints });
  await expect(hold).toHaveAttribute('aria-pressed', 'true');
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await expect(hold).toHaveAttribute('aria-pressed', 'false');
});
