import { expect, test } from '@playwright/test';

test('open forms are counted', async ({ page }) => {
  await page.goto('/');
  await expect(page.locator('#open')).toContainText('open');
});

test('an address is sent', async ({ page }) => {
  await page.goto('/');
  await page.fill('#zip', '28195');
  await page.check('#agree');
  await page.click('#send');
  await expect(page.locator('#state')).toHaveText('sent to Bremen');
});
