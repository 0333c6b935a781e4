// What the booking pages rely on.
import test from 'node:test';
import assert from 'node:assert/strict';

const at = (path) => fetch(process.env.BASE_URL + path);

test('trips are listed', async () => {
  assert.ok((await (await at('/trips')).json()).trips.length >= 9);
});

test('a trip has a title', async () => {
  assert.equal((await (await at('/trips/7')).json()).title, 'Trip 7');
});

test('a price in dollars', async () => {
  const answer = await at('/trips/7/price?currency=USD');
  assert.equal(answer.status, 200);
  assert.equal((await answer.json()).currency, 'USD');
});
