// What the app on the telephone relies on.
import test from 'node:test';
import assert from 'node:assert/strict';

const at = (path, init) => fetch(process.env.BASE_URL + path, init);

test('rides are listed', async () => {
  assert.ok((await (await at('/rides')).json()).rides.length >= 8);
});

test('the latest ride has a climb', async () => {
  assert.ok((await (await at('/rides/latest')).json()).climb > 0);
});

test('a photo is added to the latest ride', async () => {
  const answer = await at('/rides/latest/photos', { method: 'POST', body: JSON.stringify({ caption: 'summit' }) });
  assert.equal(answer.status, 200);
  assert.equal((await answer.json()).caption, 'summit');
});
