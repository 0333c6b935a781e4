import { expect, test } from '@playwright/test';

test('pupils are listed', async ({ request }) => {
  expect((await (await request.get('/pupils')).json()).pupils.length).toBeGreaterThan(5);
});

test('a pupil has marks', async ({ request }) => {
  expect((await (await request.get('/pupils/3/marks')).json()).marks.length).toBe(2);
});

test('the week is known', async ({ request }) => {
  expect((await (await request.get('/week')).json()).lessons).toBeGreaterThan(10);
});
