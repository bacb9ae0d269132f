'use strict';
// Texts from senders get onto the page by textContent alone.
const SPAN = 600000, GRAPHS = [
  {id: 'rate-graph', name: 'Rates, a second', lines: [[1, 'decoded', 'records decoded'], [2, 'stored', 'records persisted'], [3, 'rejected', 'rejected']]},
  {id: 'queue-graph', name: 'Records waiting', lines: [[4, 'queued', 'queued'], [5, 'spooled', 'spooled']]}];
const el = id => document.getElementById(id);
const all = (selector, action) => document.querySelectorAll(selector).forEach(action);
const text = n => n.toLocaleString('en-US', {maximumFractionDigits: n < 10 ? 1 : 0});
const short = n => n.toLocaleString('en-US', {notation: 'compact', maximumFractionDigits: 1});
let points = [], shownRejects = '', source = null, lastHeard = 0, retry = 0;

function create(tag, className, content) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = content;
  return made;
}

function showStatus(status, failure) {
  el('status').dataset.status = status;
  if (el('status').textContent !== status) el('status').textContent = status; // announced when it changes
  el('failure').textContent = failure || '';
  document.title = status === 'RUNNING' ? 'ingest' : status + ' · ingest';
}

function showNumbers(numbers) {
  all('[data-n]', e => {
    const n = numbers[e.dataset.n];
    e.textContent = n === undefined ? 'unknown' : n.toLocaleString('en-US');
    if (e.tagName === 'DD') e.parentElement.classList.toggle('zero', n === 0);
  });
  all('.law', law => { // added up here, from the numbers that are shown
    const sums = law.dataset.law.split(' = ').map(side => side.split(' + ').reduce((sum, name) => sum + numbers[name], 0));
    const mark = law.querySelector('.mark');
    mark.className = 'mark ' + (sums[0] === sums[1] ? 'yes' : 'no');
    mark.textContent = sums[0] === sums[1] ? '✓ balances' : '✗ does not balance: ' + sums.map(text).join(' ≠ ');
  });
}

function showReasons(reasons) {
  const rows = [];
  for (const [what, counts] of Object.entries(reasons)) {
    for (const [reason, count] of Object.entries(counts)) {
      const row = create('div', '', ''), name = create('dt', '', what + ': ');
      name.append(create('i', '', reason));
      row.append(name, create('dd', '', count.toLocaleString('en-US')));
      rows.push(row);
    }
  }
  el('reason-list').replaceChildren(...rows);
  el('no-reasons').hidden = rows.length > 0;
}

function showRejects(note, rejects, notKept) {
  const key = JSON.stringify([note, rejects, notKept]);
  if (key === shownRejects) return; // so that what somebody selects stays
  shownRejects = key;
  el('rejects-note').textContent = note + (notKept ? ' Of ' + text(notKept) + ' no dead letter was kept.' : '');
  el('reject-list').replaceChildren(...rejects.map(reject => {
    const item = create('li', '', ''), left = create('div', '', ''), right = create('div', '', '');
    left.append(create('p', 'why', reject.reason), create('p', 'who', ''), create('p', 'who', reject.source));
    const time = create('time', '', new Date(reject.time).toLocaleString('sv-SE'));
    time.dateTime = reject.time;
    left.children[1].append(time);
    const payload = create('p', '', '');
    payload.append(create('code', '', reject.payload));
    right.append(create('p', '', reject.detail), payload);
    item.append(left, right);
    return item;
  }));
}

function svg(parent, tag, attributes, content) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (content !== undefined) made.textContent = content;
  parent.append(made);
}

function roundUp(n) {
  const power = 10 ** Math.floor(Math.log10(Math.max(n, 10)));
  return [1, 2, 4, 5, 10].find(step => step * power >= n) * power;
}

function draw(graph) {
  const box = el(graph.id), width = box.clientWidth, height = box.clientHeight;
  const left = 44, right = width - 4, top = 8, bottom = height - 20, now = points.length ? points[points.length - 1][0] : 0;
  const most = roundUp(Math.max(0, ...points.flatMap(p => graph.lines.map(line => p[line[0]]))));
  const x = t => right - (now - t) / SPAN * (right - left), y = n => bottom - n / most * (bottom - top);
  box.replaceChildren();
  box.setAttribute('viewBox', `0 0 ${width} ${height}`);
  for (const n of [0, most / 2, most]) {
    svg(box, 'line', {class: 'grid', x1: left, x2: right, y1: y(n), y2: y(n)});
    svg(box, 'text', {x: left - 7, y: y(n) + 4, 'text-anchor': 'end'}, short(n));
  }
  [['−10 min', 'start'], ['−5 min', 'middle'], ['now', 'end']].forEach(([label, anchor], i) =>
    svg(box, 'text', {x: left + i * (right - left) / 2, y: height - 4, 'text-anchor': anchor}, label));
  graph.lines.forEach(([column, name], i) => {
    let path = '', before = -Infinity, start = 0, areas = '';
    const close = () => { if (path) areas += path.slice(start) + `V${bottom}H${from}Z`; };
    let from = 0;
    for (const p of points) {
      const at = x(p[0]).toFixed(1) + ' ' + y(p[column]).toFixed(1);
      if (p[0] - before > 5000) { // the server was not asked meanwhile: a gap
        close();
        start = path.length;
        from = x(p[0]).toFixed(1);
        path += 'M' + at;
      } else path += 'L' + at;
      before = p[0];
    }
    close();
    if (i === 0) svg(box, 'path', {class: name + ' area', d: areas});
    svg(box, 'path', {class: name + ' line', d: path});
  });
  const last = points[points.length - 1];
  box.setAttribute('aria-label', graph.name + ' over the last ten minutes. ' + graph.lines.map(([column, , name]) =>
    `${name}: now ${last ? text(last[column]) : 'unknown'}, at most ${text(Math.max(0, ...points.map(p => p[column])))}`).join('; '));
}

function drawAll() {
  GRAPHS.forEach(draw);
  const last = points[points.length - 1];
  if (last) all('[data-p]', e => { e.textContent = text(last[e.dataset.p]); });
}

function show(event) {
  const state = JSON.parse(event.data);
  lastHeard = Date.now();
  showStatus(state.status, state.failure);
  showNumbers(state.numbers);
  showReasons(state.reasons);
  showRejects(state.note, state.rejects, state.numbers['letters-not-kept']);
  if (!points.length || state.point[0] > points[points.length - 1][0]) points.push(state.point);
  points = points.filter(p => state.point[0] - p[0] <= SPAN);
  drawAll();
}

function connect() {
  disconnect();
  if (document.hidden) return; // a page that nobody sees needs no stream
  source = new EventSource('/events');
  source.addEventListener('history', event => { points = JSON.parse(event.data).points; });
  source.addEventListener('state', show);
  source.onerror = () => { disconnect(); retry = setTimeout(connect, 3000); };
}

function disconnect() {
  clearTimeout(retry);
  if (source) source.close();
  source = null;
}

// Numbers that are old must not look new.
setInterval(() => { if (!document.hidden && Date.now() - lastHeard > 5000) showStatus('offline', 'No news from the server: these numbers are old.'); }, 1000);
lastHeard = Date.now();
document.addEventListener('visibilitychange', () => { lastHeard = Date.now(); connect(); });
window.addEventListener('resize', drawAll);
connect();
