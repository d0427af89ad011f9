// With a #fragment in the address, browsers do not focus the field by themselves.

document.getElementById('code').focus();
