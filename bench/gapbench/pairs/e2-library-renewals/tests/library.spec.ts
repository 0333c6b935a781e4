import { expect, test } from '@playwright/test';

test('books are found', async ({ request }) => {
  const answer = await request.get('/books?q=Volume');
  expect((await answer.json()).books.length).toBeGreaterThan(5);
});

test('a book has a cover', async ({ request }) => {
  const answer = await request.get('/books/978000005/cover');
  expect((await answer.json()).cover).toContain('.png');
});

test('a loan is renewed', async ({ request }) => {
  const before = await (await request.get('/loans/5')).json();
  const answer = await request.post('/loans/5/renew');
  expect(answer.status()).toBe(200);
  expect((await answer.json()).due > before.due).toBe(true);
});
