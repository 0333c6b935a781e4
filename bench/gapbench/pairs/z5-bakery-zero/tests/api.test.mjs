// What the counter relies on.
import test from 'node:test';
import assert from 'node:assert/strict';

const at = (path) => fetch(process.env.BASE_URL + path);

test('orders are listed', async () => {
  assert.ok((await (await at('/orders')).json()).orders.length >= 8);
});

test('pieces are split', async () => {
  assert.equal((await (await at('/orders/split?pieces=12&persons=5')).json()).each, 2);
});
