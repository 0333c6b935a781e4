import { expect, test } from '@playwright/test';

test('parcels are listed', async ({ request }) => {
  const answer = await request.get('/parcels');
  expect((await answer.json()).parcels.length).toBeGreaterThan(5);
});

test('services are offered', async ({ request }) => {
  const answer = await request.get('/services');
  expect((await answer.json()).services).toContain('night');
});

test('a parcel is tracked', async ({ request }) => {
  const answer = await request.get('/parcels/6/where');
  expect(answer.status()).toBe(200);
  expect((await answer.json()).place).not.toBe('');
});
