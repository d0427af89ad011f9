// Says what was amiss with the last code, as the daemon put it behind the address.

for (const id of ['wrong', 'wait']) {
  if (new URLSearchParams(location.search).has(id)) document.getElementById(id).classList.add('shown');
}
