import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { choose, expect, openPhoto, test } from './heirloom.ts';

async function expectNothingSerious(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const found = serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  expect(found, where).toEqual([]);
}

for (const theme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious in any view, ${theme}`, async ({ heirloom, server }) => {
    await server.call('settings.set', { theme });
    await expect(heirloom.getByRole('gridcell')).toHaveCount(5);
    await expectNothingSerious(heirloom, 'library');
    for (const view of ['Queue', 'Models', 'Settings']) {
      await heirloom.getByRole('navigation').getByText(view).click();
      await expect(heirloom.getByRole('heading', { level: 1 })).toBeVisible();
      await expectNothingSerious(heirloom, view);
    }
    await heirloom.getByRole('navigation').getByText('Library').click();
    await openPhoto(heirloom, 'portrait-1938.jpg');
    for (const tab of ['Faces', 'Details', 'Restore']) {
      await choose(heirloom, 'Photo panel', tab);
      await expectNothingSerious(heirloom, `photo, ${tab}`);
    }
    await heirloom.getByRole('button', { name: 'Export', exact: true }).first().click();
    await expect(heirloom.getByRole('dialog')).toBeVisible();
    await expectNothingSerious(heirloom, 'export');
  });
}
