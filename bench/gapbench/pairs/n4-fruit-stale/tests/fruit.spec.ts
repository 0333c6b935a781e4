import { expect, test } from '@playwright/test';

test('the scales are calibrated', async ({ request }) => {
  expect((await (await request.get('/api/scales')).json()).offset).toBeLessThan(5);
});

test('fruit is searched', async ({ page }) => {
  await page.goto('/');
  await page.fill('#q', 'apricot');
  await expect(page.locator('#fruit li')).toHaveText(['apricot']);
});
