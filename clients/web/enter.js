// Shows what was wrong with the last code, from the address.

for (const id of ['wrong', 'wait']) {
  if (new URLSearchParams(location.search).has(id)) document.getElementById(id).classList.add('shown');
}
