import { expect, test } from '@playwright/test';

test('cars are counted', async ({ page }) => {
  await page.goto('/');
  await expect(page.locator('#cars')).toContainText('cars');
});

test('a quote is shown', async ({ page }) => {
  await page.route('**/api/quote*', (route) => route.fulfill({ json: { euros: 345, deposit: 100 } }));
  await page.goto('/');
  await page.fill('#days', '7');
  await page.click('#ask');
  await expect(page.locator('#quote')).toHaveText('345 €');
});
