// What the dispatchers rely on.
import test from 'node:test';
import assert from 'node:assert/strict';

const at = (path, init) => fetch(process.env.BASE_URL + path, init);

test('jobs are listed', async () => {
  assert.ok((await (await at('/jobs')).json()).jobs.length >= 6);
});

test('the delay is known', async () => {
  assert.ok((await (await at('/delay')).json()).minutes > 0);
});

test('a job gets a number', async () => {
  const answer = await at('/jobs', { method: 'POST', body: JSON.stringify({ what: 'tow' }) });
  assert.equal(answer.status, 200);
  assert.ok((await answer.json()).number > 0);
});
