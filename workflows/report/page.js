(function () {
  'use strict';
  var dialog = document.getElementById('rows');
  var title = document.getElementById('rows-title');
  var about = document.getElementById('rows-about');
  var table = document.getElementById('rows-table');
  var more = document.getElementById('rows-more');
  var step = 200, data = null, shown = null;

  function text(tag, content, parent) {
    var e = document.createElement(tag);
    e.textContent = content;
    parent.appendChild(e);
    return e;
  }

  // The rows are read when the first number is followed, so that the page is drawn before.
  function rowsOf(name) {
    data = data || JSON.parse(document.getElementById('data').textContent);
    var t = Object.prototype.hasOwnProperty.call(data.tables, name) ? data.tables[name] : null;
    if (t && !t.list) {
      var width = t.columns.length;
      t.list = t.counts.map(function (n, i) {
        var cells = [];
        for (var c = 0; c < width; c++) cells.push(data.strings[t.cells[i * width + c]]);
        return { n: n, cells: cells };
      });
    }
    return t;
  }

  function number(n) { return String(n).replace(/\B(?=(\d{3})+$)/g, ','); }

  function compare(a, b) {
    var x = parseFloat(a), y = parseFloat(b);
    var numeric = a !== '' && b !== '' && isFinite(a) && isFinite(b);
    if (numeric) return x - y;
    return a < b ? -1 : a > b ? 1 : 0;
  }

  // follow shows the rows of a link such as #rows/queries?site=Site+01&state=open&n=12.
  function follow(hash) {
    var m = /^#rows\/([a-z]+)\??(.*)$/.exec(hash);
    var t = m && rowsOf(m[1]);
    if (!t) return false;
    var wanted = {}, words = [], expected = null;
    new URLSearchParams(m[2]).forEach(function (value, key) {
      if (key === 'n') { expected = parseInt(value, 10); return; }
      (wanted[key] = wanted[key] || []).push(value);
    });
    var tests = [];
    t.columns.forEach(function (column, i) {
      var values = wanted[column[0]];
      if (!values) return;
      tests.push(function (row) { return values.indexOf(row.cells[i]) >= 0; });
      words.push(column[1] + ': ' + values.map(function (v) { return v === '' ? '(none)' : v; }).join(' or '));
    });
    var rows = t.list.filter(function (row) { return tests.every(function (test) { return test(row); }); });
    var sum = rows.reduce(function (n, row) { return n + row.n; }, 0);
    var used = [];
    t.columns.forEach(function (column, i) {
      if (rows.some(function (row) { return row.cells[i] !== ''; })) used.push(i);
    });
    shown = { table: t, rows: rows, used: used, next: 0 };
    title.textContent = t.title;
    about.textContent = (words.length ? words.join(' · ') + ' — ' : '') + number(sum) + ' ' + t.unit + ' in ' + number(rows.length) + (rows.length === 1 ? ' row' : ' rows') + '.';
    if (expected !== null && expected > sum) {
      about.textContent += ' ' + number(expected - sum) + ' more are not listed: this page keeps up to ' + number(data.limit) + ' rows a table, those that need attention first.';
    }
    draw();
    if (!dialog.open) dialog.showModal();
    return true;
  }

  function draw() {
    table.textContent = '';
    text('caption', title.textContent, table).className = 'vh';
    var head = table.appendChild(document.createElement('thead')).appendChild(document.createElement('tr'));
    shown.used.forEach(function (i) { heading(head, shown.table.columns[i][1], function (row) { return row.cells[i]; }); });
    heading(head, shown.table.unit.charAt(0).toUpperCase() + shown.table.unit.slice(1), function (row) { return String(row.n); }).className = 'n';
    table.appendChild(document.createElement('tbody'));
    fill();
  }

  function heading(head, label, value) {
    var th = text('th', '', head);
    th.scope = 'col';
    var button = text('button', label, th);
    button.type = 'button';
    button.addEventListener('click', function () {
      var down = th.getAttribute('aria-sort') === 'ascending';
      Array.prototype.forEach.call(head.children, function (other) { other.removeAttribute('aria-sort'); });
      th.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      shown.rows.sort(function (a, b) { return compare(value(a), value(b)) * (down ? -1 : 1); });
      fill();
    });
    return th;
  }

  function fill() {
    table.tBodies[0].textContent = '';
    shown.next = 0;
    extend();
  }

  function extend() {
    var part = document.createDocumentFragment();
    var end = Math.min(shown.next + step, shown.rows.length);
    for (; shown.next < end; shown.next++) {
      var row = shown.rows[shown.next], tr = part.appendChild(document.createElement('tr'));
      shown.used.forEach(function (i) { text('bdi', row.cells[i], text('td', '', tr)); });
      text('td', number(row.n), tr).className = 'n';
    }
    table.tBodies[0].appendChild(part);
    more.hidden = shown.next >= shown.rows.length;
    more.textContent = 'Show ' + number(Math.min(step, shown.rows.length - shown.next)) + ' more of ' + number(shown.rows.length - shown.next);
  }

  more.addEventListener('click', extend);
  document.getElementById('rows-close').addEventListener('click', function () { dialog.close(); });
  dialog.addEventListener('click', function (e) { if (e.target === dialog) dialog.close(); });
  document.addEventListener('click', function (e) {
    var link = e.target.closest && e.target.closest('a[href^="#rows/"]');
    if (!link || e.ctrlKey || e.metaKey || e.shiftKey) return;
    if (follow(link.getAttribute('href'))) e.preventDefault();
  });

  // The columns of a table marked sortable sort it by what their cells hold, or by data-v where they have it.
  Array.prototype.forEach.call(document.querySelectorAll('table.sortable'), function (sortable) {
    var heads = sortable.tHead.rows[0].cells;
    Array.prototype.forEach.call(heads, function (th, i) {
      if (th.classList.contains('unsorted')) return;
      var button = document.createElement('button');
      button.type = 'button';
      while (th.firstChild) button.appendChild(th.firstChild);
      th.appendChild(button);
      button.addEventListener('click', function () {
        var down = th.getAttribute('aria-sort') === 'ascending';
        Array.prototype.forEach.call(heads, function (other) { other.removeAttribute('aria-sort'); });
        th.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        var body = sortable.tBodies[0];
        var rows = Array.prototype.slice.call(body.rows);
        var value = function (row) { var cell = row.cells[i]; return cell.hasAttribute('data-v') ? cell.getAttribute('data-v') : cell.textContent.trim(); };
        rows.sort(function (a, b) { return compare(value(a), value(b)) * (down ? -1 : 1); });
        rows.forEach(function (row) { body.appendChild(row); });
      });
    });
  });

  window.addEventListener('hashchange', function () { follow(window.location.hash); });
  follow(window.location.hash);
})();
