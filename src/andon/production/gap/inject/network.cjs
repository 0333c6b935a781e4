// One page's network, over the Chrome DevTools Protocol: its conditions, and what went over it.
'use strict';

// Requests that stay open by design; a page is at rest all the same.
const ENDLESS = new Set(['EventSource', 'WebSocket', 'Media']);
const QUIET = 300, CUT = 2000;

class Network {
  constructor(session, asked, write) {
    this.session = session;
    this.asked = asked;
    this.write = write;
    this.open = new Map();
    this.lastChange = Date.now();
  }

  async begin() {
    const { session, asked } = this;
    session.on('Network.requestWillBeSent', event => this.sent(event));
    session.on('Network.responseReceived', event => this.answered(event));
    session.on('Network.loadingFinished', event => this.ended(event, ''));
    session.on('Network.loadingFailed', event => this.ended(event, event.canceled ? 'canceled' : event.errorText || 'failed'));
    await session.send('Network.enable');
    if (asked.latency || asked.down || asked.up)
      await session.send('Network.emulateNetworkConditions', {
        offline: false,
        latency: asked.latency,
        downloadThroughput: asked.down || -1,
        uploadThroughput: asked.up || -1,
      });
    this.write({ what: 'slowed', latency: asked.latency });
  }

  sent(event) {
    this.lastChange = Date.now();
    if (event.redirectResponse) this.finished(event.requestId, event.timestamp, event.redirectResponse, '');
    if (!/^https?:/.test(event.request.url)) return;
    this.open.set(event.requestId, {
      method: event.request.method,
      url: event.request.url.slice(0, CUT),
      resource: String(event.type || '').toLowerCase(),
      began: event.timestamp,
      wall: event.wallTime,
      isEndless: ENDLESS.has(event.type),
    });
  }

  answered(event) {
    const one = this.open.get(event.requestId);
    if (!one) return;
    one.first = event.timestamp;
    one.response = event.response;
    if (/event-stream/.test(event.response.mimeType || '')) one.isEndless = true;
  }

  ended(event, problem) {
    this.lastChange = Date.now();
    const one = this.open.get(event.requestId);
    if (one) this.finished(event.requestId, event.timestamp, one.response, problem);
  }

  finished(id, timestamp, response, problem) {
    const one = this.open.get(id);
    if (!one) return;
    this.open.delete(id);
    this.write({
      what: 'exchange',
      method: one.method,
      url: one.url,
      resource: one.resource,
      status: response ? response.status : 0,
      type: response ? response.mimeType : '',
      wall: one.wall,
      first: (one.first || timestamp) - one.began,
      seconds: timestamp - one.began,
      mocked: Boolean(response) && isMadeUp(response),
      problem,
    });
  }

  // True once nothing was under way for a while; false when that does not come.
  async rest() {
    const enough = Date.now() + this.asked.settle;
    while (Date.now() < enough) {
      const isBusy = [...this.open.values()].some(one => !one.isEndless);
      if (!isBusy && Date.now() - this.lastChange >= QUIET) return true;
      await new Promise(done => setTimeout(done, 25));
    }
    return false;
  }
}

// An answer that came over no connection and from no cache was made up by the test itself.
function isMadeUp(response) {
  return !response.connectionId && !response.remoteIPAddress && !response.fromDiskCache &&
    !response.fromServiceWorker && !response.fromPrefetchCache;
}

module.exports = { Network };
