import { expect, test } from '@playwright/test';

async function settled(page) {
  await expect
    .poll(async () => (await page.locator('#count').textContent()) + (await page.locator('#problem').textContent()))
    .not.toBe('');
  expect(await page.locator('#problem').textContent()).toBe('');
}

test('all tickets are drawn', async ({ page }) => {
  await page.goto('/');
  await settled(page);
  await expect(page.locator('#count')).toContainText('tickets');
});

test('tickets are searched', async ({ page }) => {
  await page.goto('/');
  await settled(page);
  await page.fill('#q', 'Login');
  await page.click('#go');
  await expect(page.locator('#rows tr').first()).toContainText('Login');
});
