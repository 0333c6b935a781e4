import { expect, test } from '@playwright/test';

test('rooms are listed', async ({ request }) => {
  expect((await (await request.get('/rooms')).json()).rooms.length).toBeGreaterThan(5);
});

test('a room has a price', async ({ request }) => {
  const answer = await request.get('/rooms/4/price');
  expect(answer.status()).toBe(200);
  expect((await answer.json()).cents).toBeGreaterThan(0);
});
