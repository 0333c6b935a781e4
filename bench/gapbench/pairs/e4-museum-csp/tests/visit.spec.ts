import { expect, test } from '@playwright/test';

test('exhibitions are shown', async ({ page }) => {
  await page.goto('/');
  await expect(page.locator('#shows li').first()).toContainText('Exhibition 1');
});

test('a visit is booked', async ({ page }) => {
  await page.goto('/');
  await page.fill('#count', '3');
  await page.click('#book');
  await expect(page.locator('#state')).toHaveText('booked for 3');
});
