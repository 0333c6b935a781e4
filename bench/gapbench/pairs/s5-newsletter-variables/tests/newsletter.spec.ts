import { expect, test } from '@playwright/test';

test('a subscriber is shown', async ({ request }) => {
  const answer = await request.get('/subscribers/7');
  expect((await answer.json()).email).toContain('@');
});

test('the quota is known', async ({ request }) => {
  expect((await (await request.get('/quota')).json()).left).toBeGreaterThan(0);
});

test('the audience is counted by language', async ({ request }) => {
  const answer = await request.get('/audience');
  expect(answer.status()).toBe(200);
  expect((await answer.json()).audience.en).toBeGreaterThan(0);
});
