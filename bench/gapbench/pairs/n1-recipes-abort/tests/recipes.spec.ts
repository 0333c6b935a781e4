import { expect, test } from '@playwright/test';

test('the units are known', async ({ request }) => {
  expect((await (await request.get('/api/units')).json()).cup).toBeGreaterThan(200);
});

test('recipes are shown', async ({ page }) => {
  await page.goto('/');
  await expect(page.locator('#state')).toHaveText('10 recipes');
  await expect(page.locator('#recipes li')).toHaveCount(10);
});
