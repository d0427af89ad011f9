// Where the address says what was amiss with the last code, browsers leave the field alone: the keyboard shall be there.

document.getElementById('code').focus();
